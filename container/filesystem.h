/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The kinds of file system that may be mounted out of an image, with the options each gets. Neither
 * a caller nor an image has a say in these strings.
 */

#include "container/detached.h"

typedef struct Filesystem {
        const char *name;              /* as a superblock reader calls it */
        const char *driver;            /* as the kernel calls it */
        const DetachedOption *options; /* beside ro; ends with a NULL key */
} Filesystem;

/* What the worker makes for a job to write to. Its name is none that a superblock reader gives. */
extern const Filesystem filesystem_scratch;

/* NULL when this kind is not allowed. */
const Filesystem *filesystem_find(const char *name);

/* The names of all allowed kinds, for a failure's sentence: "ext4, xfs, …". */
#define FILESYSTEM_NAMES "ext2, ext3, ext4, xfs, btrfs, squashfs, erofs"
