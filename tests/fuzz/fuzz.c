/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the fuzz targets share. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/strings.h"

_Noreturn void fuzz_broken(const char *file, int line, const char *promise) {
        fprintf(stderr, "%s:%d: not kept: %s\n", file, line, promise);
        abort();
}

void fuzz_check_result(int result, const Failure *failure, FuzzSentence sentence) {
        if (result >= 0) {
                fuzz_check(failure->error == 0);
                return;
        }
        fuzz_check(result > -4096);
        fuzz_check(failure->error == 0 || failure->error == result);
        fuzz_check((failure->error == 0) == (failure->message[0] == '\0'));
        fuzz_check(failure->error < 0 || sentence == FUZZ_MAYBE_SENTENCE || result == -ENOMEM);
        fuzz_check(memchr(failure->message, '\0', sizeof(failure->message)));
        fuzz_check(str_is_utf8(failure->message));
}

char *fuzz_string(const uint8_t *data, size_t size) {
        char *s = strndup(size > 0 ? (const char *) data : "", size);

        fuzz_check(s);
        return s;
}

char *fuzz_take_line(const uint8_t **data, size_t *size) {
        const uint8_t *newline = *size > 0 ? memchr(*data, '\n', *size) : NULL;
        size_t n = newline ? (size_t) (newline - *data) : *size;
        char *line = fuzz_string(*data, n);

        n += newline != NULL;
        *data += n;
        *size -= n;
        return line;
}

uint8_t fuzz_take_byte(const uint8_t **data, size_t *size) {
        if (*size == 0)
                return 0;
        (*size)--;
        return *(*data)++;
}

int fuzz_file(const uint8_t *data, size_t size) {
        static int fd = -EBADF;

        if (fd < 0)
                fd = memfd_create("fuzz", MFD_CLOEXEC);
        fuzz_check(fd >= 0);
        fuzz_check(ftruncate(fd, (off_t) size) == 0);
        fuzz_check(pwrite(fd, data, size, 0) == (ssize_t) size);
        fuzz_check(lseek(fd, 0, SEEK_SET) == 0);
        return fd;
}
