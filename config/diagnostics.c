/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of what is wrong. It is bounded: a file full of nonsense is one mistake, not a million. */

#include "config/diagnostics.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "common/strings.h"

/* Leaves room in a line of the report. */
#define MESSAGE_MAX_BYTES 2000

/* The message without what does not belong on a terminal, cut when it is too long. */
static char *clean_message(const char *format, va_list ap) {
        char *message = NULL;

        if (vasprintf(&message, format, ap) < 0)
                return NULL;
        if (strlen(message) > MESSAGE_MAX_BYTES)
                message[MESSAGE_MAX_BYTES] = '\0';
        str_make_utf8(message);
        str_blank_controls(message);
        return message;
}

static int grow(Diagnostics *diagnostics) {
        Diagnostic *grown;

        if (diagnostics->n_items > 0 && (diagnostics->n_items & (diagnostics->n_items - 1)) != 0)
                return 0;
        grown = reallocarray(
                        diagnostics->items,
                        diagnostics->n_items > 0 ? 2 * diagnostics->n_items : 1,
                        sizeof(Diagnostic));
        if (!grown)
                return -ENOMEM;
        diagnostics->items = grown;
        return 0;
}

/* The list is full: its last place counts from now on. */
static void drop(Diagnostics *diagnostics) {
        Diagnostic *last = &diagnostics->items[DIAGNOSTICS_MAX - 1];
        char *message;

        if (diagnostics->n_dropped++ == 0)
                diagnostics->n_dropped++; /* the one that stood there */
        message = str_printf("%zu more mistakes are not shown", diagnostics->n_dropped);
        if (!message)
                return;
        free(last->message);
        *last = (Diagnostic){
                .severity = diagnostics->n_errors > 0 ? REPORT_ERROR : REPORT_WARNING,
                .message = message,
        };
}

static void add(Diagnostics *diagnostics,
                ReportSeverity severity,
                const ConfigPlace *place,
                const char *format,
                va_list ap) {
        char *message;

        if (severity == REPORT_ERROR)
                diagnostics->n_errors++;
        if (diagnostics->n_items == DIAGNOSTICS_MAX) {
                drop(diagnostics);
                return;
        }
        message = clean_message(format, ap);
        if (!message || grow(diagnostics) < 0) {
                free(message);
                if (severity != REPORT_ERROR)
                        diagnostics->n_errors++;
                return;
        }
        diagnostics->items[diagnostics->n_items++] = (Diagnostic){
                .severity = severity,
                .file = place->file,
                .line = place->line,
                .column = place->column,
                .message = message,
        };
}

void diagnostics_add(
                Diagnostics *diagnostics,
                ReportSeverity severity,
                uint32_t line,
                uint32_t column,
                const char *format,
                ...) {
        const ConfigPlace place = { .line = line, .column = column, .file = diagnostics->file };
        va_list ap;

        va_start(ap, format);
        add(diagnostics, severity, &place, format, ap);
        va_end(ap);
}

void diagnostics_add_at(
                Diagnostics *diagnostics,
                ReportSeverity severity,
                const ConfigPlace *place,
                const char *format,
                ...) {
        va_list ap;

        va_start(ap, format);
        add(diagnostics, severity, place, format, ap);
        va_end(ap);
}

int diagnostics_add_file(Diagnostics *diagnostics, const char *name) {
        char *clean = strdup(name);
        int r;

        if (clean)
                str_blank_controls(clean);
        r = strv_append_take(&diagnostics->files, clean);
        if (r >= 0)
                diagnostics->file = (uint32_t) strv_length(diagnostics->files);
        return r;
}

const char *diagnostics_file_name(const Diagnostics *diagnostics, uint32_t file) {
        return file > 0 ? diagnostics->files[file - 1] : NULL;
}

static bool is_before(const Diagnostic *a, const Diagnostic *b) {
        if (a->file != b->file)
                return a->file < b->file;
        return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void diagnostics_sort(Diagnostics *diagnostics) {
        size_t n = diagnostics->n_items;

        if (diagnostics->n_dropped > 0)
                n--; /* the count stays last */
        for (size_t i = 1; i < n; i++) {
                Diagnostic moved = diagnostics->items[i];
                size_t k = i;

                for (; k > 0 && is_before(&moved, &diagnostics->items[k - 1]); k--)
                        diagnostics->items[k] = diagnostics->items[k - 1];
                diagnostics->items[k] = moved;
        }
}

int diagnostics_result(const Diagnostics *diagnostics) {
        return diagnostics->n_errors > 0 ? -EBADMSG : 0;
}

void diagnostics_done(Diagnostics *diagnostics) {
        for (size_t i = 0; i < diagnostics->n_items; i++)
                free(diagnostics->items[i].message);
        free(diagnostics->items);
        strv_free(diagnostics->files);
        *diagnostics = (Diagnostics){};
}
