/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Text byte by byte: none of it is ever a format, and nothing has to be copied to be made harmless. */

#include "client/print.h"

#include "common/strings.h"

void print_line(FILE *to, const char *text) {
        while (*text) {
                size_t n = str_control_size(text);

                (void) fputc(n > 0 ? ' ' : *text, to);
                text += n > 0 ? n : 1;
        }
        (void) fputc('\n', to);
}

void print_lines(FILE *to, const char *text) {
        while (*text) {
                size_t n = *text == '\n' || *text == '\t' ? 0 : str_control_size(text);

                if (n == 0)
                        (void) fputc(*text, to);
                text += n > 0 ? n : 1;
        }
}

int print_json(Json *json) {
        _cleanup_free_ char *text = NULL;
        int r = json_finish(json, &text);

        if (r >= 0)
                (void) fputs(text, stdout);
        return r;
}
