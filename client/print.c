/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Text byte by byte: none of it is ever a format, and nothing has to be copied to be made harmless. */

#include "client/print.h"

#include <stdbool.h>

#include "common/cleanup.h"

static bool is_control(char c) {
        return (unsigned char) c < 0x20 || c == 0x7f;
}

void print_line(FILE *to, const char *text) {
        for (; *text; text++)
                (void) fputc(is_control(*text) ? ' ' : *text, to);
        (void) fputc('\n', to);
}

void print_lines(FILE *to, const char *text) {
        for (; *text; text++)
                if (!is_control(*text) || *text == '\n' || *text == '\t')
                        (void) fputc(*text, to);
}

int print_json(Json *json) {
        _cleanup_free_ char *text = NULL;
        int r = json_finish(json, &text);

        if (r >= 0)
                (void) fputs(text, stdout);
        return r;
}
