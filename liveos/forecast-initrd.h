/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The size of the small initrd of a bootstrap Live OS: no sample tells it, as dracut picks what is in it. */

#include <stdint.h>

#include "common/failure.h"
#include "liveos/build.h"

/* Of the first kernel's: as it lies on a medium, and in memory. `root_fd` is the image's tree. Reads the inodes of
 * the kernel's modules. Blocks. Errors: those of reading folders. */
int forecast_initrd(
                const Build *build,
                int root_fd,
                uint64_t *ret_bytes,
                uint64_t *ret_unpacked_bytes,
                Failure *reterr);
