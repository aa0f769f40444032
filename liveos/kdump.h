/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The initrds of kdump, which a crashed kernel is followed by, and the kernels that they belong to. The
 * root of a Live OS has an empty /boot; these files are what an OS may need there.
 */

#include <stdbool.h>

#include "common/failure.h"
#include "liveos/build.h"

/* Whether that is the name of a file in /boot that kdump needs: "initramfs-VERSIONkdump.img" or
 * "initrd.img-VERSIONkdump.img" of one of the kernels or beside "vmlinuz-VERSION", or that beside one.
 * `folder_fd` is the image's /boot. Blocks. */
bool kdump_needs(const Kernels *kernels, int folder_fd, const char *name);

/* Whether an ISO has such files on itself, beside the OS. */
bool kdump_is_on_iso(const IsoInput *iso);

/* Where the files are so far: of an ISO as it remembers, else as they lie; in the OS of a disk. Never
 * KDUMP_UNSET. */
ConfigKdump kdump_before(const Build *build);

/* Tells the log what becomes of the files, when there are any. */
void kdump_tell(const Build *build, int root_fd);

/* Copies the files to a medium's /boot, when that is their place. Blocks. */
int kdump_put(const Build *build, MediumKind medium, Failure *reterr);
