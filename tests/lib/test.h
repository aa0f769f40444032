/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Check, as all tests here use it: TEST(name) registers itself, so a test cannot be forgotten, and
 * the results come as TAP on standard output. Each test runs in a process of its own. A test file is
 * this header, its tests, and nothing else: main() is in test.c.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/cleanup.h"
#include "common/failure.h"

void test_register(const char *name, const TTest *test, size_t n_rows);

/* A test, and a test that runs once for each row of a table (`_i` is the row's number). */
#define TEST(name) TEST_ROWS(name, 0)
#define TEST_ROWS(name, n_rows)                                                     \
        static void name##_fn(int _i);                                              \
        static const TTest name##_ttest = { #name, name##_fn, __FILE__, __LINE__ }; \
        __attribute__((constructor)) static void name##_register(void) {            \
                test_register(#name, &name##_ttest, n_rows);                        \
        }                                                                           \
        static void name##_fn(int _i _unused_)

/* Ends the whole binary as skipped with a reason. Only for hardware that is missing. */
_Noreturn void test_skip_all(const char *reason);

#define assert_ok(expression)                                                 \
        ({                                                                    \
                int _r = (expression);                                        \
                ck_assert_msg(_r >= 0, "%s: %s", #expression, strerror(-_r)); \
                _r;                                                           \
        })
#define assert_errno(expression, expected)            \
        ({                                            \
                int _r = (expression);                \
                ck_assert_msg(_r == (expected),       \
                              "%s: %d instead of %d", \
                              #expression,            \
                              _r,                     \
                              expected);              \
        })
#define assert_failure(failure, part)                   \
        ck_assert_msg(strstr((failure)->message, part), \
                      "\"%s\" lacks \"%s\"",            \
                      (failure)->message,               \
                      part)

/* A folder of its own in $TMPDIR, and its removal with all that is in it. */
char *test_folder_new(int *ret_fd);
void test_folder_remove(char **folder);
#define _cleanup_folder_ _cleanup_(test_folder_remove)

/* An anonymous file with this content, positioned at its start. */
int test_file(const void *data, size_t size);
