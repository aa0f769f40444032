/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From an installed system to a live one: VIEW_LIVE is the image's tree without what belongs to a
 * disk (/etc/fstab, what is in /boot) and is what squashfs and full-os initrd are packed from.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Stage "live": mounts VIEW_LIVE, and VIEW_INITRD where dracut has to run; makes the folders for the
 * media. */
int stage_live(Build *build, Failure *reterr);
