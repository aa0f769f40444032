/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A growing run of bytes, always followed by a NUL that does not count, so that text in it can be
 * used as a string. Embedded by value: `_cleanup_(buffer_done) Buffer text = {};`.
 */

#include <stddef.h>

#include "common/cleanup.h"

typedef struct Buffer {
        char *data;  /* NULL while nothing was appended */
        size_t size; /* bytes in use, without the closing NUL */
        size_t allocated;
} Buffer;

/* Errors of all: -ENOMEM; the buffer then is as it was. */
int buffer_append(Buffer *buffer, const void *data, size_t size);
int buffer_append_string(Buffer *buffer, const char *s);
int buffer_printf(Buffer *buffer, const char *format, ...) _printf_(2, 3);

/* Drops the contents and keeps the memory. */
void buffer_clear(Buffer *buffer);

/* Hands the bytes over (caller frees); the buffer is empty afterwards. "" when nothing was
 * appended; NULL only when memory is out. */
char *buffer_take(Buffer *buffer);

void buffer_done(Buffer *buffer);
#define _cleanup_buffer_ _cleanup_(buffer_done)
