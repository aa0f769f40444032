/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Everything on the media that is neither initrd nor root file system: loaders, menus, kernels, the
 * user's files, and the ISO's EFI system partition.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Stage "boot-files". Errors: -ENOPKG when a loader's menu would be out of its reach. */
int stage_boot_files(Build *build, Failure *reterr);
