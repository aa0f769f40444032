/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who runs a script, by its first line. */

#include <string.h>

#include "common/strings.h"
#include "liveos/interpreter-line.h"
#include "tests/lib/test.h"

static const struct {
        const char *text, *program, *argument;
} lines[] = {
        { "#!/bin/bash\necho\n", "/bin/bash", NULL },
        { "#!/bin/bash", "/bin/bash", NULL },
        { "#! \t/bin/bash \t\n", "/bin/bash", NULL },
        { "#!/usr/bin/env python3\n", "/usr/bin/env", "python3" },
        { "#!/usr/bin/env \t -S a  b \n", "/usr/bin/env", "-S a  b" },
        { "#!awk -f\n", "awk", "-f" },
        { "#!/bin/sh\r\n", "/bin/sh\r", NULL },
        { "#!", NULL, NULL },
        { "#!\n/bin/sh\n", NULL, NULL },
        { "#! \t\n", NULL, NULL },
        { "", NULL, NULL },
        { "#", NULL, NULL },
        { " #!/bin/sh\n", NULL, NULL },
        { "# !/bin/sh\n", NULL, NULL },
        { "echo a\n#!/bin/sh\n", NULL, NULL },
};

TEST_ROWS(lines, ELEMENTSOF(lines)) {
        _cleanup_strv_ char **words = NULL;
        const char *text = lines[_i].text;
        int r = interpreter_line_read(text, strlen(text), &words);

        ck_assert_int_eq(r, lines[_i].program ? 1 : 0);
        ck_assert_uint_eq(
                        strv_length(words),
                        (lines[_i].program ? 1U : 0U) + (lines[_i].argument ? 1U : 0U));
        if (lines[_i].program)
                ck_assert_str_eq(words[0], lines[_i].program);
        if (lines[_i].argument)
                ck_assert_str_eq(words[1], lines[_i].argument);
}

TEST(bytes_that_are_no_text)
{
        static const char nul[] = "#!/bin/\0sh\n";
        static const char behind[] = "#!/bin/sh\n\0";
        _cleanup_strv_ char **words = NULL;

        ck_assert_int_eq(interpreter_line_read(nul, sizeof(nul) - 1, &words), 0);
        ck_assert_ptr_null(words);
        ck_assert_int_eq(interpreter_line_read(behind, sizeof(behind) - 1, &words), 1);
        ck_assert_str_eq(words[0], "/bin/sh");
}

TEST(words_follow_those_that_are_there)
{
        _cleanup_strv_ char **words = NULL;

        assert_ok(strv_append(&words, "nice"));
        ck_assert_int_eq(interpreter_line_read("#!/bin/sh -e\n", 13, &words), 1);
        ck_assert_uint_eq(strv_length(words), 3);
        ck_assert_str_eq(words[2], "-e");
}

TEST(line_is_bounded)
{
        char text[2 * INTERPRETER_LINE_MAX];
        _cleanup_strv_ char **words = NULL;

        memset(text, 'a', sizeof(text));
        memcpy(text, "#!", 2);
        ck_assert_int_eq(interpreter_line_read(text, sizeof(text), &words), 1);
        ck_assert_uint_eq(strlen(words[0]), INTERPRETER_LINE_MAX - 2);
}
