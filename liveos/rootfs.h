/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The root file system of a bootstrap Live OS: a squashfs of PLACE_LIVE. */

#include "common/failure.h"
#include "liveos/build.h"

bool rootfs_wanted(const Build *build);

/* "zstd", …: what the order says, or the default. */
const char *rootfs_compressor(const Order *order);

/* Packs a file or the contents of a folder as rootfs.img is packed. */
int rootfs_pack(const Build *build, const char *from_path, const char *to_path, Failure *reterr);

/* Stage "rootfs": makes MEDIA_ROOTFS. */
int stage_rootfs(Build *build, Failure *reterr);
