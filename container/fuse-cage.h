/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The inside of a reader's cage: the root that it sees and the last steps before it is executed.
 * Not for users of the room. */

#include <stdint.h>

#include "container/filesystem.h"

#define FUSE_CAGE_DEVICE_FD      3 /* where the reader has the device */
#define FUSE_CAGE_DESCRIPTOR_MAX 64

typedef struct FuseCage {
        const Filesystem *filesystem;
        const char *program; /* of the container: where the reader is */
        const char *image;   /* of the container: the file that it reads */
        uint64_t offset_bytes;
        int device_fd;  /* of FUSE, mounted already */
        int output_fd;  /* for what it says */
        int failure_fd; /* a Failure goes here when it could not be started */
} FuseCage;

/* The namespaces that the cage is to be forked into. */
int fuse_cage_namespaces(void);

/* Called as first process in them; becomes the reader. */
_Noreturn void fuse_cage_run(const FuseCage *cage);
