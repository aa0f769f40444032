/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A growing run of bytes. It doubles, so that appending a byte at a time stays linear. */

#include "common/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static int buffer_reserve(Buffer *buffer, size_t more) {
        size_t need, size = buffer->allocated > 0 ? buffer->allocated : 256;
        char *grown;

        if (__builtin_add_overflow(buffer->size, more, &need) ||
            __builtin_add_overflow(need, 1, &need))
                return -ENOMEM;
        if (need <= buffer->allocated)
                return 0;
        while (size < need)
                if (__builtin_mul_overflow(size, 2, &size))
                        return -ENOMEM;
        grown = realloc(buffer->data, size);
        if (!grown)
                return -ENOMEM;
        buffer->data = grown;
        buffer->allocated = size;
        return 0;
}

int buffer_append(Buffer *buffer, const void *data, size_t size) {
        int r = buffer_reserve(buffer, size);

        if (r < 0)
                return r;
        if (size > 0)
                memcpy(buffer->data + buffer->size, data, size);
        buffer->size += size;
        buffer->data[buffer->size] = '\0';
        return 0;
}

int buffer_append_string(Buffer *buffer, const char *s) {
        return buffer_append(buffer, s, strlen(s));
}

int buffer_printf(Buffer *buffer, const char *format, ...) {
        _cleanup_free_ char *s = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&s, format, ap);
        va_end(ap);
        if (n < 0) {
                s = NULL;
                return -ENOMEM;
        }
        return buffer_append(buffer, s, (size_t) n);
}

void buffer_clear(Buffer *buffer) {
        buffer->size = 0;
        if (buffer->data)
                buffer->data[0] = '\0';
}

char *buffer_take(Buffer *buffer) {
        char *data;

        if (!buffer->data && buffer_reserve(buffer, 0) < 0)
                return NULL;
        buffer->data[buffer->size] = '\0';
        data = buffer->data;
        *buffer = (Buffer){};
        return data;
}

void buffer_done(Buffer *buffer) {
        free(buffer->data);
        *buffer = (Buffer){};
}
