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
#include "config/report.h"

#define DIAGNOSTICS_MAX 100

typedef struct Diagnostic {
        ReportSeverity severity;
        uint32_t line;   /* 1-based, 0 when it has no place */
        uint32_t column; /* 1-based, 0 when it has no place */
        char *message; /* one sentence that begins with the key's path, "pxe.bootstrapBaseUrl: …" */
} Diagnostic;

typedef struct Diagnostics {
        Diagnostic *items;
        size_t n_items;
        size_t n_errors;
        size_t n_dropped;
} Diagnostics;

/* Adds one; memory being out drops it, but it counts as an error all the same. */
void diagnostics_add(
                Diagnostics *diagnostics,
                ReportSeverity severity,
                uint32_t line,
                uint32_t column,
                const char *format,
                ...) _printf_(5, 6);

/* Sorts by place, stable. */
void diagnostics_sort(Diagnostics *diagnostics);

/* -EBADMSG when there is an error among them, else 0. */
int diagnostics_result(const Diagnostics *diagnostics);

void diagnostics_done(Diagnostics *diagnostics);
#define _cleanup_diagnostics_ _cleanup_(diagnostics_done)
