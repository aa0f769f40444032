/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The whole system as an initramfs. What cpio cannot carry, the capabilities of files, is put back at
 * boot by a unit that is added here; where the image has no setcap for it, the job's log says which
 * files lose theirs. A list of them goes along, so that the system can be made into another one.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Gives the files of an unpacked initramfs their attributes back, and takes away what full_os_write() had
 * added for them. Blocks. Errors: -EBADMSG for a damaged list. */
int full_os_take_back(int root_fd, Failure *reterr);

/* Writes the cpio of VIEW_LIVE to the descriptor, with what every initrd has besides. Blocks. */
int full_os_write(Build *build, int fd, Failure *reterr);
