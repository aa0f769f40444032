/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Preflight of free space: what surely does not fit is refused before minutes are spent on it. Each
 * need is a lower bound, so that nothing is refused that would fit; what is short only later ends as
 * "no space" where it happens.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/failure.h"

typedef struct Build Build;

/* A file system that is asked whether it takes a number of bytes. */
typedef struct Space {
        uint64_t free_bytes; /* for everybody, not what is left to root */
        bool is_plain;       /* it stores as many bytes as are written: it does not compress */
} Space;

/* Of the file system behind the descriptor. */
int space_look(int fd, Space *ret);

/* The bytes that the new artifact needs at the least: the OS is packed once for the initrd or the
 * squashfs, and once more if that goes into an ISO, to a tenth of its size at best. Pure. */
uint64_t space_estimate(uint64_t used_bytes, bool makes_iso);

/* Whether the build may fit where artifacts are kept, by what the image's mounted file systems use. Errors: -ENOSPC
 * with the numbers. */
int space_check(const Build *build, Failure *reterr);
