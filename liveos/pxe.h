/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The PXE tree: ARTIFACT_TFTP holds what the firmware and grub fetch, ARTIFACT_HTTP the ISO that a
 * bootstrap initrd fetches and the user's other files. Both together are the exported folder.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Stage "pxe": links initrds and ISO into the tree that stage "boot-files" began. */
int stage_pxe(Build *build, Failure *reterr);
