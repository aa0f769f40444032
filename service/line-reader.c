/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines out of a pipe; the buffer is one line long, so that no writer can make it grow. */

#include "service/line-reader.h"

#include <fcntl.h>
#include <string.h>

#define CHUNK_BYTES 16384U
#define DRAIN_READS 64U /* 1 MiB: as much as a pipe can be made to hold */

int line_reader_set_nonblocking(LineReader *reader) {
        return fcntl(reader->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static void take_line(LineReader *reader, LineCallback callback, void *userdata) {
        if (!reader->skips) {
                reader->data[reader->size] = '\0';
                callback(reader->data, userdata);
        }
        reader->size = 0;
        reader->skips = false;
}

/* The part of a line; one byte is kept free for the NUL. */
static void take_part(LineReader *reader, const char *part, size_t size) {
        if (reader->size + size >= sizeof(reader->data))
                reader->skips = true;
        if (reader->skips)
                return;
        memcpy(reader->data + reader->size, part, size);
        reader->size += size;
}

/* How many bytes came; 0 at the end; -EAGAIN when there is nothing now. */
static ssize_t read_chunk(LineReader *reader, LineCallback callback, void *userdata) {
        char chunk[CHUNK_BYTES];
        const char *at = chunk, *newline;
        ssize_t n = read(reader->fd, chunk, sizeof(chunk));

        if (n < 0)
                return errno == EINTR ? -EAGAIN : -errno;
        for (const char *end = chunk + n; at < end; at = newline + 1) {
                newline = memchr(at, '\n', (size_t) (end - at));
                take_part(reader, at, (size_t) ((newline ? newline : end) - at));
                if (!newline)
                        break;
                take_line(reader, callback, userdata);
        }
        return n;
}

int line_reader_read(LineReader *reader, LineCallback callback, void *userdata) {
        ssize_t n = read_chunk(reader, callback, userdata);

        if (n == -EAGAIN)
                return 1;
        return n < 0 ? (int) n : n > 0;
}

void line_reader_drain(LineReader *reader, LineCallback callback, void *userdata) {
        for (unsigned i = 0; i < DRAIN_READS; i++)
                if (read_chunk(reader, callback, userdata) <= 0)
                        return;
}

void line_reader_done(LineReader *reader) {
        cleanup_close(&reader->fd);
        reader->fd = -EBADF;
}
