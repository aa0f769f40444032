/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The root file system of a bootstrap Live OS: a squashfs of PLACE_LIVE. */

#include "common/failure.h"
#include "liveos/build.h"

bool rootfs_wanted(const Build *build);

/* Stage "rootfs": makes MEDIA_ROOTFS. */
int stage_rootfs(Build *build, Failure *reterr);
