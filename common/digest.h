/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* SHA-256 (FIPS 180-4) of memory and files, as 64 lower-case hexadecimal digits. */

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_SIZE 65 /* 64 digits and NUL */

void digest_bytes(const void *data, size_t size, char ret_digest[static DIGEST_SIZE]);

/* Of a whole regular file, read by pread() from its start. Blocks. */
int digest_file(int fd, char ret_digest[static DIGEST_SIZE]);

/* Whether a text of strangers looks like one. Pure. */
bool digest_is_good(const char *text);
