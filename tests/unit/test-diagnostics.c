/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of what is wrong: order, bounds, cleaning. */

#include "tests/lib/test.h"

#include "common/strings.h"
#include "config/diagnostics.h"

TEST(empty_is_fine)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        diagnostics_sort(&diagnostics);
        assert_errno(diagnostics_result(&diagnostics), 0);
}

TEST(a_warning_is_no_error)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        diagnostics_add(&diagnostics, REPORT_WARNING, 1, 2, "a %s", "b");
        assert_errno(diagnostics_result(&diagnostics), 0);
        ck_assert_uint_eq(diagnostics.n_items, 1);
        ck_assert_str_eq(diagnostics.items[0].message, "a b");
        diagnostics_add(&diagnostics, REPORT_ERROR, 1, 2, "c");
        assert_errno(diagnostics_result(&diagnostics), -EBADMSG);
}

TEST(sorted_by_place_and_stable)
{
        static const struct {
                uint32_t line, column;
                const char *message;
        } added[] = {
                { 2, 1, "d" }, { 1, 9, "b" }, { 1, 9, "c" }, { 3, 1, "e" }, { 0, 0, "a" },
        };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        for (size_t i = 0; i < ELEMENTSOF(added); i++)
                diagnostics_add(&diagnostics,
                                REPORT_ERROR,
                                added[i].line,
                                added[i].column,
                                "%s",
                                added[i].message);
        diagnostics_sort(&diagnostics);
        for (size_t i = 0; i < ELEMENTSOF(added); i++)
                ck_assert_int_eq(diagnostics.items[i].message[0], (int) ('a' + i));
}

TEST(full_list_counts)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        for (uint32_t i = 0; i < DIAGNOSTICS_MAX; i++)
                diagnostics_add(&diagnostics, REPORT_ERROR, DIAGNOSTICS_MAX - i, 1, "%u", i);
        ck_assert_uint_eq(diagnostics.n_dropped, 0);
        ck_assert_str_eq(diagnostics.items[DIAGNOSTICS_MAX - 1].message, "99");
        for (unsigned i = 0; i < 50; i++)
                diagnostics_add(&diagnostics, REPORT_ERROR, 1, 1, "more");
        diagnostics_sort(&diagnostics);
        ck_assert_uint_eq(diagnostics.n_items, DIAGNOSTICS_MAX);
        ck_assert_uint_eq(diagnostics.n_errors, DIAGNOSTICS_MAX + 50);
        ck_assert_str_eq(diagnostics.items[0].message, "98");
        ck_assert_str_eq(
                        diagnostics.items[DIAGNOSTICS_MAX - 1].message,
                        "51 more mistakes are not shown");
        ck_assert_uint_eq(diagnostics.items[DIAGNOSTICS_MAX - 1].line, 0);
}

TEST(messages_are_clean_and_bounded)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        char text[10000];

        memset(text, 'a', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        diagnostics_add(&diagnostics, REPORT_ERROR, 1, 1, "%s", text);
        ck_assert_uint_eq(strlen(diagnostics.items[0].message), 2000);
        diagnostics_add(&diagnostics, REPORT_ERROR, 1, 1, "a\n\x1b\xff%.1s", "\xc3\xa4");
        ck_assert_str_eq(diagnostics.items[1].message, "a  ??");
}
