/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kernel command lines: reading, the four ways to change one, writing. */

#include "tests/lib/test.h"

#include "common/strings.h"
#include "liveos/cmdline.h"

static char **parse(const char *text) {
        char **words = NULL;

        assert_ok(cmdline_add_text(&words, text, NULL));
        return words;
}

static const struct {
        const char *text;
        const char *words; /* with '|' between */
} text_rows[] = {
        { "", "" },
        { " \t\n", "" },
        { "ro quiet", "ro|quiet" },
        { "  a=1\tb=2\nc ", "a=1|b=2|c" },
        { "a=\"x y\" b", "a=\"x y\"|b" },
        { "\"a=x y\" b", "\"a=x y\"|b" },
        { "a='x y'", "a='x|y'" },
};

TEST_ROWS(text, ELEMENTSOF(text_rows)) {
        _cleanup_strv_ char **words = parse(text_rows[_i].text);
        _cleanup_free_ char *joined = strv_join(words, "|");

        ck_assert_str_eq(joined, text_rows[_i].words);
}

TEST(bad_text)
{
        _cleanup_strv_ char **words = NULL;
        Failure failure = {};

        assert_errno(cmdline_add_text(&words, "a=\"x", &failure), -EINVAL);
        ck_assert_str_eq(
                        failure.message,
                        "The kernel arguments 'a=\"x' have a double quote that is not closed: add the other one.");
        assert_errno(cmdline_add_text(&words, "a\x1b[0m", &failure), -EINVAL);
        assert_failure(&failure, "control character (0x1b)");
}

static const struct {
        const char *word, *name;
        bool is;
} name_rows[] = {
        { "root=/dev/sda", "root", true },
        { "root", "root", true },
        { "rootwait", "root", false },
        { "roo", "root", false },
        { "\"root=a b\"", "root", true },
        { "\"root\"", "root", true },
        { "net-ifnames=0", "net_ifnames", true },
        { "net_ifnames=0", "net-ifnames", true },
        { "rd.live.image", "rd.live", false },
};

TEST_ROWS(name, ELEMENTSOF(name_rows)) {
        ck_assert_int_eq(cmdline_word_is(name_rows[_i].word, name_rows[_i].name), name_rows[_i].is);
}

static const struct {
        const char *text;
        int (*change)(char ***words, const char *word);
        const char *word;
        const char *result;
} change_rows[] = {
        { "", cmdline_add, "a", "a" },
        { "a b", cmdline_add, "c", "a b c" },
        { "a b a c", cmdline_add, "a", "b c a" },
        { "a=1 b", cmdline_add, "a=2", "a=1 b a=2" },
        { "", cmdline_add_default, "ip=dhcp", "ip=dhcp" },
        { "ip=eth0:dhcp x", cmdline_add_default, "ip=dhcp", "ip=eth0:dhcp x" },
        { "ipv6.disable=1", cmdline_add_default, "ip=dhcp", "ipv6.disable=1 ip=dhcp" },
        { "", cmdline_replace, "root=b", "root=b" },
        { "x y", cmdline_replace, "root=b", "x y root=b" },
        { "x root=a y root=c root", cmdline_replace, "root=b", "x root=b y" },
        { "rd-live x", cmdline_replace, "rd_live=1", "rd_live=1 x" },
};

TEST_ROWS(change, ELEMENTSOF(change_rows)) {
        _cleanup_strv_ char **words = parse(change_rows[_i].text);
        _cleanup_free_ char *line = NULL, *again = NULL;

        assert_ok(change_rows[_i].change(&words, change_rows[_i].word));
        assert_ok(cmdline_join(words, &line, NULL));
        ck_assert_str_eq(line, change_rows[_i].result);
        assert_ok(change_rows[_i].change(&words, change_rows[_i].word));
        assert_ok(cmdline_join(words, &again, NULL));
        ck_assert_str_eq(again, line);
}

TEST(remove_and_find)
{
        _cleanup_strv_ char **words = parse("a=1 b a=2 c");
        _cleanup_free_ char *line = NULL;

        ck_assert_str_eq(cmdline_find(words, "a"), "a=2");
        ck_assert_ptr_null(cmdline_find(words, "d"));
        ck_assert_ptr_null(cmdline_find(NULL, "a"));
        ck_assert(cmdline_remove(words, "a"));
        ck_assert(!cmdline_remove(words, "a"));
        ck_assert(!cmdline_remove(NULL, "a"));
        assert_ok(cmdline_join(words, &line, NULL));
        ck_assert_str_eq(line, "b c");
}

TEST(unquote)
{
        _cleanup_free_ char *a = cmdline_unquote("a=\"x y\""), *b = cmdline_unquote("\"a=x y\""),
                            *c = cmdline_unquote("plain");

        ck_assert_str_eq(a, "a=x y");
        ck_assert_str_eq(b, "a=x y");
        ck_assert_str_eq(c, "plain");
}

TEST(length)
{
        _cleanup_free_ char *text = malloc(2049), *line = NULL, *longer = NULL;
        _cleanup_strv_ char **words = NULL;
        Failure failure = {};

        memset(text, 'x', 2048);
        text[2047] = '\0';
        assert_ok(strv_append(&words, text));
        assert_ok(cmdline_join(words, &line, NULL));
        ck_assert_uint_eq(strlen(line), 2047);
        assert_ok(strv_append(&words, ""));
        assert_errno(cmdline_join(words, &longer, &failure), -E2BIG);
        ck_assert_str_eq(
                        failure.message,
                        "The kernel command line would have 2048 bytes, but the kernel takes no more than 2047: shorten extraCommandLine.");
}
