/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A part of a file, or a whole file for writing, as a block device. It is gone by itself when its last user is (the
 * mount, once the descriptor is closed), so that it survives no crash. The kernel does not look for
 * partitions on it.
 */

#include <errno.h>
#include <stdint.h>

#define LOOP_NAME_MAX 32u

typedef struct Loop {
        int fd; /* -EBADF when unused; owned */
        char path[LOOP_NAME_MAX];
} Loop;

#define LOOP_INIT ((Loop){ .fd = -EBADF })

/* How the device is used. */
typedef enum LoopMode {
        LOOP_READ_ONLY,
        LOOP_WRITABLE, /* directly, where the file system below can: what is written is cached once */
} LoopMode;

/* `size_bytes` 0: to the end of the file. Errors: -EBUSY when others took every free device from under our hands; -ENXIO without the loop
 * driver; of loop(4). */
int loop_attach(int backing_fd,
                uint64_t offset_bytes,
                uint64_t size_bytes,
                LoopMode mode,
                Loop *ret);

void loop_done(Loop *loop);
