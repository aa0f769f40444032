/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A walk over everything below a folder, always in the same order: names sorted by their bytes,
 * a folder before what is in it. No link is followed; mount points are entered. Blocks.
 */

#include <sys/stat.h>

#include "common/failure.h"

#define WALK_DEPTH_MAX 256

/* What is met, borrowed for the time of the call. */
typedef struct WalkEntry {
        const char *path; /* below the folder that the walk began in, without a leading '/' */
        const char *name; /* the last part of it … */
        int folder_fd;    /* … in this folder */
        struct stat st;   /* of the entry itself, also when it is a link */
} WalkEntry;

/* A negative return ends the walk with that error. */
typedef int (*WalkFn)(void *userdata, const WalkEntry *entry, Failure *reterr);

/* Borrows `folder_fd` (not O_PATH) and does not move its position. Errors: those of the callback and
 * of reading folders; -ELOOP when folders are nested deeper than WALK_DEPTH_MAX. */
int walk_tree(int folder_fd, WalkFn on_entry, void *userdata, Failure *reterr);
