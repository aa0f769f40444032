/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SHA-256 by nettle, which libarchive brings along anyway. The only file that knows it. */

#include "common/digest.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "common/cleanup.h"

#define CHUNK_BYTES (256U * 1024U)

static void digest_finish(struct sha256_ctx *context, char *ret_digest) {
        static const char digits[] = "0123456789abcdef";
        uint8_t raw[SHA256_DIGEST_SIZE];

        sha256_digest(context, sizeof(raw), raw);
        for (size_t i = 0; i < sizeof(raw); i++) {
                ret_digest[2 * i] = digits[raw[i] >> 4];
                ret_digest[2 * i + 1] = digits[raw[i] & 15];
        }
        ret_digest[DIGEST_SIZE - 1] = '\0';
}

void digest_bytes(const void *data, size_t size, char ret_digest[static DIGEST_SIZE]) {
        struct sha256_ctx context;

        sha256_init(&context);
        sha256_update(&context, size, data);
        digest_finish(&context, ret_digest);
}

int digest_file(int fd, char ret_digest[static DIGEST_SIZE]) {
        _cleanup_free_ uint8_t *chunk = malloc(CHUNK_BYTES);
        struct sha256_ctx context;
        off_t offset = 0;

        if (!chunk)
                return -ENOMEM;
        sha256_init(&context);
        for (;;) {
                ssize_t n = pread(fd, chunk, CHUNK_BYTES, offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                sha256_update(&context, (size_t) n, chunk);
                offset += n;
        }
        digest_finish(&context, ret_digest);
        return 0;
}

bool digest_is_good(const char *text) {
        return strlen(text) == DIGEST_SIZE - 1 &&
               strspn(text, "0123456789abcdef") == DIGEST_SIZE - 1;
}
