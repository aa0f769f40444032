/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The whole system as an initramfs. What cpio cannot carry, the capabilities of files, is put back at
 * boot by a unit that is added here; where the image has no setcap for it, the job's log says which
 * files lose theirs.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Writes the cpio of VIEW_LIVE to the descriptor, with what every initrd has besides. Blocks. */
int full_os_write(Build *build, int fd, Failure *reterr);
