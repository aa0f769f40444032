/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is wrong with a config: a list of sentences with their places, in the order of the text.
 * At most DIAGNOSTICS_MAX are kept; the last then says how many more there are.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "config/config-place.h"
#include "config/report.h"

#define DIAGNOSTICS_MAX 100

typedef struct Diagnostic {
        ReportSeverity severity;
        uint32_t file;   /* 0: the text itself, else a number of diagnostics_add_file() */
        uint32_t line;   /* 1-based, 0 when it has no place */
        uint32_t column; /* 1-based, 0 when it has no place */
        char *message; /* one sentence that begins with the key's path, "pxe.bootstrapBaseUrl: …" */
} Diagnostic;

typedef struct Diagnostics {
        Diagnostic *items;
        size_t n_items;
        size_t n_errors;
        size_t n_dropped;
        char **files;  /* list: further texts that were read */
        uint32_t file; /* the one that diagnostics_add() means */
} Diagnostics;

/* Further mistakes are in the text of this name, until the caller sets `file` back. Errors:
 * -ENOMEM. */
int diagnostics_add_file(Diagnostics *diagnostics, const char *name);

/* The name of the text in which a place is; NULL for the first. Borrowed. */
const char *diagnostics_file_name(const Diagnostics *diagnostics, uint32_t file);

/* Adds one; memory being out drops it, but it counts as an error all the same. */
void diagnostics_add(
                Diagnostics *diagnostics,
                ReportSeverity severity,
                uint32_t line,
                uint32_t column,
                const char *format,
                ...) _printf_(5, 6);

/* The same for a place that is remembered, in whatever text. */
void diagnostics_add_at(
                Diagnostics *diagnostics,
                ReportSeverity severity,
                const ConfigPlace *place,
                const char *format,
                ...) _printf_(4, 5);

/* Sorts by text and place, stable. */
void diagnostics_sort(Diagnostics *diagnostics);

/* -EBADMSG when there is an error among them, else 0. */
int diagnostics_result(const Diagnostics *diagnostics);

void diagnostics_done(Diagnostics *diagnostics);
#define _cleanup_diagnostics_ _cleanup_(diagnostics_done)
