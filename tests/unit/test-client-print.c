/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "client/print.h"

#include "common/cleanup.h"
#include "tests/lib/test.h"

/* C1's CSI, and what turns the direction of writing, are no ASCII. */
#define HOSTILE                         \
        "a\x1b[2J\tb\r\nc\x7f \xc3\xbc" \
        "\xc2\x9b"                      \
        "2J"                            \
        "\xe2\x80\xae"                  \
        "d"

static char *printed(void (*print)(FILE *to, const char *text), const char *text) {
        char *result = NULL;
        size_t size;
        FILE *to = open_memstream(&result, &size);

        print(to, text);
        (void) fclose(to);
        return result;
}

TEST(a_line_is_one_line)
{
        _cleanup_free_ char *line = printed(print_line, HOSTILE);

        ck_assert_str_eq(line, "a [2J b  c  \xc3\xbc 2J d\n");
}

TEST(lines_keep_their_ends)
{
        _cleanup_free_ char *lines = printed(print_lines, HOSTILE);

        ck_assert_str_eq(
                        lines,
                        "a[2J\tb\nc \xc3\xbc"
                        "2Jd");
}
