/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Sizes of what a build would make, told in seconds: contents are counted, and a sample of them is packed
 * by the very tools and settings of the build. The config's files count as if they were there already, what its
 * packages and scripts change does not.
 */

#include <stdint.h>

#include "common/failure.h"
#include "liveos/build.h"

/* All in bytes. */
typedef struct ForecastSizes {
        uint64_t root;            /* contents of the root's files, each once, with the config's */
        uint64_t rootfs;          /* rootfs.img; 0 with full-os */
        uint64_t initrd;          /* the first kernel's, or the full-os */
        uint64_t initrd_unpacked; /* in memory */
        uint64_t iso;             /* 0 when none is made */
        uint64_t artifact;        /* all of it on disk, what is hard-linked once */
} ForecastSizes;

/* Of a build whose kernels are known. Runs in the container; reads the whole tree's inodes and a sample
 * of its contents. Blocks. Errors: those of reading and of the packing tools. */
int forecast_sizes(const Build *build, ForecastSizes *ret, Failure *reterr);
