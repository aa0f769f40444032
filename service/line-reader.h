/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lines out of a pipe that is read without waiting. A line longer than REPORT_LINE_MAX is dropped as
 * a whole, and so is what comes behind the last newline.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"
#include "config/report.h"

typedef struct LineReader {
        int fd;
        size_t size; /* bytes in `data` that wait for their newline */
        bool skips;  /* until the next newline */
        char data[REPORT_LINE_MAX];
} LineReader;

#define LINE_READER_NULL     \
        (LineReader) {       \
                .fd = -EBADF \
        }

typedef void (*LineCallback)(const char *line, void *userdata);

int line_reader_set_nonblocking(LineReader *reader);

/* One read, and the callback for each line (without its newline, cut at a NUL) that it completes.
 * Returns 1, 0 at the end of the pipe, or a negative errno; nothing to read yet is 1. */
int line_reader_read(LineReader *reader, LineCallback callback, void *userdata);

/* All that the pipe holds at the moment, within reason: a writer may still be there. */
void line_reader_drain(LineReader *reader, LineCallback callback, void *userdata);

void line_reader_done(LineReader *reader);
