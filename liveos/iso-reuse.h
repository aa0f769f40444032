/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an ISO has and this build would make again, rootfs.img and initrds, is taken over as it is: each by itself,
 * as an initrd may lack what the URL of a later config takes. Inside the container.
 */

#include "common/failure.h"
#include "liveos/build.h"
#include "liveos/iso-input.h"

/* The initramfs of a full-os, and the initrd of an only kernel. */
#define ISO_INITRAMFS_PATH "boot/initrd.img"

/* Opens the ISO; each file of it lies there in one piece. Errors: those of open(2). */
int iso_open(Failure *reterr);

/* Copies a file of the ISO to the beginning of another one. Blocks. Errors: -ENOSPC, -EIO. */
int iso_copy(const IsoFile *file, int to_fd, Failure *reterr);

/* The initrd of kernel number `i`, or the initramfs of a full-os; NULL when the ISO has none. */
const IsoFile *iso_find_initrd(const Build *build, size_t i);

/* Gives the kernels' initrds the names that they have on the ISO, as the /boot that is restored has none to tell
 * them by. Errors: -ENOMEM. */
int iso_reuse_names(Build *build);

/* Looks into the initrds for what fetching from the ISO's URL takes, and fills `iso_initrds_lack`. Those that are
 * kept and have no network at all have none in `dracut` either. A step of the inspection, after dracut and URL.
 * Blocks. Errors: -ENOMEM, those of open(2); an initrd that cannot be read lacks everything. */
int iso_reuse_look(Build *build, Failure *reterr);

/* True when the root file system of the ISO is the one that this build would make again: rootfs.img, or the
 * initramfs of a full-os. Known after the stage "context". */
bool iso_reuses_root(const Build *build);

/* The same for the initrds. Known after the inspection. */
bool iso_reuses_initrds(const Build *build);

/* Puts these files of the ISO where the stages of the same name would have made them. */
int iso_reuse_rootfs(const Build *build, Failure *reterr);
int iso_reuse_initrds(const Build *build, Failure *reterr);
