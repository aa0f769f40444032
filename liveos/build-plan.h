/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The container of a build as data. */

#include <stdbool.h>
#include <stdio.h>

#include "common/failure.h"
#include "container/plan.h"
#include "liveos/build.h"

/* Descriptors, borrowed. */
typedef struct BuildFiles {
        int image_fd;    /* the image as it was given */
        int disk_fd;     /* the disk that is in it; of the same file when it is a raw image */
        int handover_fd; /* of readers_open_handover() */
        int scratch_fd;  /* of scratch_make() */
} BuildFiles;

/* Writes the plan; the descriptors are borrowed until the container has run. Caller frees.
 * Errors: -EINVAL when the order's ids cannot be a container's, -ENOMEM; otherwise of plan_add_…(). */
int build_plan(const Build *build, const BuildFiles *files, Plan **ret, Failure *reterr);

/* Prints every privilege, mount and filter of a build, for an image with an ESP and a root on ext4. Only
 * how the host lays out /bin and /lib differs from machine to machine. Errors: -ENOMEM. */
int build_plan_print(OrderReader reader, bool network, FILE *f);
