/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What looks into an image: the part that is real root. It unpacks the image where it has to, asks a reader
 * where the partitions are, and runs a function in a container in which their file systems are mounted.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Runs `inside` with the build in the container; `image_fd` is the image, borrowed, which nobody else can
 * change. Fills in what is known before, asking only for what look_at_image() has not seen yet. Takes space in
 * ORDER_FD_SCRATCH, which the caller empties. This process gives up its privilege. Blocks until done or until
 * the lifeline ends.
 * Errors: of the image's readers, of the container, and what `inside` returned; without a sentence when that
 * has reported its own. */
int build_job_contain(Build *build, int image_fd, int (*inside)(void *userdata), Failure *reterr);
