/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The kinds of file system that may be mounted out of an image, with who can read each: a driver of
 * the kernel, and for some a program in user space. Neither a caller nor an image has a say in these
 * strings.
 */

#include <errno.h>
#include <stdbool.h>

#include "container/detached.h"

typedef struct Filesystem {
        const char *name;              /* as a superblock reader calls it */
        const char *driver;            /* as the kernel calls it */
        const DetachedOption *options; /* beside ro; ends with a NULL key */

        const char *program;         /* NULL: there is none that reads it in user space */
        const char *program_options; /* beside its offset */
        const char *package;         /* of Debian, which has the program */
        bool program_is_cheap; /* a build takes hardly longer with it; see tests/bench/readers */
} Filesystem;

#define FILESYSTEM_PROGRAM_SIZE 64

/* What the worker makes for a job to write to. Its name is none that a superblock reader gives. */
extern const Filesystem filesystem_scratch;

/* NULL when this kind is not allowed. */
const Filesystem *filesystem_find(const char *name);

/* Where its program is, on the host and in a container alike. Errors: -ENOENT when it is not
 * installed, or there is none. */
int filesystem_find_program(const Filesystem *filesystem, char ret[static FILESYSTEM_PROGRAM_SIZE]);

/* The names of all allowed kinds, for a failure's sentence: "ext4, xfs, …". */
#define FILESYSTEM_NAMES "ext2, ext3, ext4, xfs, btrfs, squashfs, erofs"
