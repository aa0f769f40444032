/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who runs a script, by its first line. */

#include "liveos/interpreter-line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/strings.h"

#define BLANKS " \t"

/* The line without its mark and the blanks at its ends; NULL in *ret: there is none. */
static int copy_line(const char *text, size_t size, char **ret) {
        const char *end;
        size_t n;

        *ret = NULL;
        if (size < 2 || text[0] != '#' || text[1] != '!')
                return 0;
        if (size > INTERPRETER_LINE_MAX)
                size = INTERPRETER_LINE_MAX;
        end = memchr(text, '\n', size);
        n = (end ? (size_t) (end - text) : size) - 2;
        /* No name has one, and what follows it would be lost. */
        if (memchr(text + 2, '\0', n))
                return 0;
        *ret = strndup(text + 2, n);
        return *ret ? 0 : -ENOMEM;
}

static void cut_blanks(char *s) {
        size_t n = strlen(s);

        while (n > 0 && strchr(BLANKS, s[n - 1]))
                s[--n] = '\0';
}

int interpreter_line_read(const char *text, size_t size, char ***words) {
        _cleanup_free_ char *line = NULL;
        char *program, *argument;
        int r = copy_line(text, size, &line);

        if (r < 0 || !line)
                return r;
        cut_blanks(line);
        program = line + strspn(line, BLANKS);
        if (program[0] == '\0')
                return 0;
        argument = program + strcspn(program, BLANKS);
        if (argument[0] != '\0') {
                *argument++ = '\0';
                argument += strspn(argument, BLANKS);
        }
        r = strv_append(words, program);
        if (r >= 0 && argument[0] != '\0')
                r = strv_append(words, argument);
        return r < 0 ? r : 1;
}
