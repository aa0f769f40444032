/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Places on the medium and in the PXE tree that a build fills itself, so that no file of a user can
 * stand there: loaders, their configurations, kernel, initrd, rootfs.img. ISO 9660, Joliet and FAT
 * do not tell upper from lower case, so neither is told here. Pure.
 */

#include <stdbool.h>

/* True when `path` (normalized, relative) is such a place, lies below one, or would put a file where
 * such a place needs a folder. */
bool config_medium_is_generated(const char *path);
