/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Strings and lists of strings. */

#include "tests/lib/test.h"

#include <stdio.h>

#include "common/strings.h"

TEST(equality)
{
        ck_assert(str_equal("a", "a"));
        ck_assert(!str_equal("a", "b"));
        ck_assert(!str_equal("a", NULL));
        ck_assert(!str_equal(NULL, "a"));
        ck_assert(str_equal(NULL, NULL));
        ck_assert(str_is_empty(NULL));
        ck_assert(str_is_empty(""));
        ck_assert(!str_is_empty(" "));
}

TEST(prefixes_and_suffixes)
{
        ck_assert_str_eq(str_after_prefix("--key=a", "--key="), "a");
        ck_assert_str_eq(str_after_prefix("a", "a"), "");
        ck_assert_ptr_null(str_after_prefix("a", "ab"));
        ck_assert(str_has_suffix("a.iso", ".iso"));
        ck_assert(str_has_suffix("a", ""));
        ck_assert(!str_has_suffix("iso", ".iso"));
}

static const struct {
        const char *text;
        uint64_t max;
        int result;
        uint64_t value;
} numbers[] = {
        { "0", 0, 0, 0 },
        { "007", 7, 0, 7 },
        { "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
        { "18446744073709551616", UINT64_MAX, -ERANGE, 1 },
        { "99999999999999999999", UINT64_MAX, -ERANGE, 1 },
        { "8", 7, -ERANGE, 1 },
        { "", 7, -EINVAL, 1 },
        { "-1", 7, -EINVAL, 1 },
        { "+1", 7, -EINVAL, 1 },
        { " 1", 7, -EINVAL, 1 },
        { "1 ", 7, -EINVAL, 1 },
        { "0x1", 7, -EINVAL, 1 },
};

TEST_ROWS(numbers, ELEMENTSOF(numbers)) {
        uint64_t value = 1;

        assert_errno(str_to_u64(numbers[_i].text, numbers[_i].max, &value), numbers[_i].result);
        ck_assert_uint_eq(value, numbers[_i].value);
}

static const struct {
        const char *text;
        bool good;
        const char *mended;
} utf8[] = {
        { "", true, "" },
        { "plain", true, "plain" },
        { "\xc3\xa4\xe4\xb8\xad\xf0\x9f\x98\x80", true, "\xc3\xa4\xe4\xb8\xad\xf0\x9f\x98\x80" },
        { "\xff", false, "?" },
        { "a\xc3", false, "a?" },
        { "\xc3"
          "a",
          false,
          "?a" },
        { "\xc0\x80", false, "??" },           /* overlong */
        { "\xe0\x80\x80", false, "???" },      /* overlong */
        { "\xed\xa0\x80", false, "???" },      /* surrogate */
        { "\xf4\x90\x80\x80", false, "????" }, /* above U+10FFFF */
        { "\xf0\x9f\x98", false, "???" },
};

TEST_ROWS(utf8, ELEMENTSOF(utf8)) {
        _cleanup_free_ char *text = strdup(utf8[_i].text);

        ck_assert(str_is_utf8(text) == utf8[_i].good);
        str_make_utf8(text);
        ck_assert_str_eq(text, utf8[_i].mended);
}

TEST(controls_become_blanks)
{
        char text[] = "a\n\tb\x1b[\x7f\xc3\xa4";

        str_blank_controls(text);
        ck_assert_str_eq(text, "a  b [ \xc3\xa4");
}

static const struct {
        const char *text;
        const char *blanked;
} controls[] = {
        { "\xc2\x9b"
          "31m",
          "  31m" },
        { "\xc2\x80\xc2\x9f\xc2\xa0", "    \xc2\xa0" },
        { "\xe2\x80\xae"
          "a\xe2\x80\xac",
          "   a   " },
        { "\xe2\x81\xa6"
          "a\xe2\x81\xa9",
          "   a   " },
        { "\xe2\x80\xa8"
          "a\xe2\x80\x8f\xd8\x9c",
          "   a     " },
        /* Neighbours, and what is cut off. */
        { "\xe2\x80\x93\xe2\x80\x8d\xe2\x81\xa5", "\xe2\x80\x93\xe2\x80\x8d\xe2\x81\xa5" },
        { "\xe2\x80", "\xe2\x80" },
        { "\xc2", "\xc2" },
        { "\xe2", "\xe2" },
};

TEST_ROWS(blanks_what_terminals_obey, ELEMENTSOF(controls)) {
        char text[64];

        (void) snprintf(text, sizeof(text), "%s", controls[_i].text);
        str_blank_controls(text);
        ck_assert_str_eq(text, controls[_i].blanked);
}

static const struct {
        const char *a, *b;
        size_t distance;
} distances[] = {
        { "", "", 0 },     { "abc", "abc", 0 },        { "abc", "", 3 },
        { "", "abc", 3 },  { "kitten", "sitting", 3 }, { "hostnam", "hostname", 1 },
        { "ab", "ba", 2 },
};

TEST_ROWS(distances, ELEMENTSOF(distances)) {
        ck_assert_uint_eq(str_distance(distances[_i].a, distances[_i].b), distances[_i].distance);
}

TEST(long_words_have_no_distance)
{
        char word[66];

        memset(word, 'a', sizeof(word));
        word[64] = '\0';
        ck_assert_uint_eq(str_distance(word, word), 0);
        word[64] = 'a';
        word[65] = '\0';
        ck_assert_uint_eq(str_distance(word, "a"), SIZE_MAX);
        ck_assert_uint_eq(str_distance("a", word), SIZE_MAX);
}

TEST(lists_grow)
{
        _cleanup_strv_ char **list = NULL, **more = NULL;

        ck_assert_uint_eq(strv_length(NULL), 0);
        ck_assert(!strv_contains(NULL, "a"));
        assert_ok(strv_append(&list, "a"));
        assert_ok(strv_append_take(&list, strdup("b")));
        assert_errno(strv_append_take(&list, NULL), -ENOMEM);
        assert_ok(strv_append_all(&more, list));
        assert_ok(strv_append_all(&more, list));
        ck_assert_uint_eq(strv_length(more), 4);
        ck_assert_str_eq(more[3], "b");
        ck_assert_ptr_null(more[4]);
        ck_assert(strv_contains(list, "b"));
        ck_assert(!strv_contains(list, "c"));
}

static const struct {
        const char *text, *separators, *joined;
} splits[] = {
        { "", ",", "" },       { ",,", ",", "" }, { "a", ",", "a" }, { ",a,,b;c,", ",;", "a|b|c" },
        { "a b", ",", "a b" },
};

TEST_ROWS(splits, ELEMENTSOF(splits)) {
        _cleanup_strv_ char **list = strv_split(splits[_i].text, splits[_i].separators);
        _cleanup_free_ char *joined = strv_join(list, "|");

        ck_assert_ptr_nonnull(list);
        ck_assert_str_eq(joined, splits[_i].joined);
}

TEST(joining_nothing)
{
        _cleanup_free_ char *joined = strv_join(NULL, ", ");

        ck_assert_str_eq(joined, "");
}

TEST(printf_to_a_string)
{
        _cleanup_free_ char *s = str_printf("%s-%d", "a", 7);

        ck_assert_str_eq(s, "a-7");
}
