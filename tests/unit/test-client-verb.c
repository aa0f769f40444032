/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line of a verb. */

#include "tests/lib/test.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/verb.h"
#include "common/strings.h"

typedef struct Arguments {
        const char *text;
        uint32_t number;
        bool flag;
        char **list;
} Arguments;

static Arguments seen;
static char *seen_words[4];
static char *seen_list;

static int run(const void *arguments, char **words, Failure *reterr _unused_) {
        seen = *(const Arguments *) arguments;
        free(seen_list);
        seen_list = strv_join(seen.list, "|");
        for (size_t i = 0; i < 3 && words[i]; i++)
                seen_words[i] = words[i];
        return 0;
}

static const Option options[] = {
        { "text", 't', OPTION_TEXT, "TEXT", offsetof(Arguments, text), "A text" },
        { "also-text", 0, OPTION_TEXT, "TEXT", offsetof(Arguments, text), NULL },
        { "number", 'n', OPTION_NUMBER, "N", offsetof(Arguments, number), "A number" },
        { "flag", 'f', OPTION_FLAG, NULL, offsetof(Arguments, flag), "A flag" },
        { "list", 'l', OPTION_LIST, "WORD", offsetof(Arguments, list), "A list" },
        { "also-list", 0, OPTION_LIST, "WORD", offsetof(Arguments, list), NULL },
        {},
};

static const Verb verb = {
        .name = "try",
        .words = "WORD",
        .summary = "Try it",
        .options = options,
        .arguments_size = sizeof(Arguments),
        .min_words = 1,
        .max_words = 2,
        .run = run,
};

static int parse(const char *line, Failure *failure) {
        static char **words; /* what was parsed lives in it */
        int argc;

        strv_free(words);
        words = strv_split(line, " ");
        argc = (int) strv_length(words);
        return verb_main(&verb, argc, words, failure);
}

TEST(everything)
{
        assert_ok(parse("try a --text=x -n 7 b -f", /* failure= */ NULL));
        ck_assert_str_eq(seen.text, "x");
        ck_assert_uint_eq(seen.number, 7);
        ck_assert(seen.flag);
        ck_assert_str_eq(seen_words[0], "a");
        ck_assert_str_eq(seen_words[1], "b");
}

TEST(second_spelling)
{
        assert_ok(parse("try --also-text y -- -f", /* failure= */ NULL));
        ck_assert_str_eq(seen.text, "y");
        ck_assert(!seen.flag);
        ck_assert_str_eq(seen_words[0], "-f");
}

TEST(lists_keep_their_order)
{
        assert_ok(parse("try a", /* failure= */ NULL));
        ck_assert_str_eq(seen_list, "");
        assert_ok(parse("try --list x a -l y --also-list=z", /* failure= */ NULL));
        ck_assert_str_eq(seen_list, "x|y|z");
}

static const struct {
        const char *line;
        const char *message;
} bad_table[] = {
        { "try", "pxectl try takes WORD; see pxectl try --help." },
        { "try a b c", "pxectl try takes WORD; see pxectl try --help." },
        { "try a --bogus", "There is no option --bogus, or it takes no value; see" },
        { "try a --flag=1", "There is no option --flag=1, or it takes no value; see" },
        { "try a -x", "There is no option -x; see pxectl try --help." },
        { "try a -fx", "There is no option -x; see pxectl try --help." },
        { "try a --text", "--text needs a value; see pxectl try --help." },
        { "try a -t", "-t needs a value; see pxectl try --help." },
        { "try a -n x", "--number needs a number, not 'x'." },
        { "try a -n -1", "--number needs a number, not '-1'." },
        { "try a -n 4294967296", "--number needs a number, not '4294967296'." },
};

TEST_ROWS(bad, ELEMENTSOF(bad_table)) {
        Failure failure = {};

        assert_errno(parse(bad_table[_i].line, &failure), -EINVAL);
        assert_failure(&failure, bad_table[_i].message);
}

TEST(statuses)
{
        ck_assert_int_eq(verb_status(0), 0);
        ck_assert_int_eq(verb_status(1), 0);
        ck_assert_int_eq(verb_status(-EIO), 1);
        ck_assert_int_eq(verb_status(-EACCES), 1);
        ck_assert_int_eq(verb_status(-EINVAL), 2);
        ck_assert_int_eq(verb_status(-EKEYREJECTED), 3);
        ck_assert_int_eq(verb_status(-EBADMSG), 4);
}
