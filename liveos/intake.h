/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Intake: the service's own copy of a user's image. Nothing else ever looks at the
 * user's file, which its owner may change, shorten or stall at any time.
 */

#include <stdint.h>

#include "common/failure.h"

#define INTAKE_NAME "image"

/* Where the copy goes. All borrowed. */
typedef struct IntakeTarget {
        const char *folder; /* in sentences: "scratch" of "the service's scratch folder" */
        int folder_fd;
        const char *name;
} IntakeTarget;

/* Copies the image into a folder of the service's, by reflink where the file system can, else without its
 * holes, in a sealed child. It is a new file of that name, as only what has a name can be mounted.
 * Blocks until done or until the lifeline ends.
 * Errors: -EFBIG over `max_bytes`, -EINVAL when it is not a readable regular file, -ENOSPC with the
 * numbers, -ECANCELED. Returns the copy, read-only. */
int intake_copy(int image_fd,
                const IntakeTarget *target,
                uint64_t max_bytes,
                int lifeline_fd,
                int *ret_fd,
                Failure *reterr);
