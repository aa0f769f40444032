/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Boot loaders: which files of an image are shim and grub, for which medium, and where that grub
 * looks for its menu. Names are compared without regard to case. A table for each family of
 * distributions says what to look for; nothing else knows a distribution's file name.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"
#include "liveos/arch.h"
#include "liveos/medium.h"
#include "liveos/os-release.h"

#define LOADER_PREFIX_MAX 256
#define LOADER_MAX_BYTES  (64U * 1024U * 1024U)
#define LOADER_PATHS_MAX  4096

typedef enum LoaderPlace {
        LOADER_IN_ESP,  /* path below the root of the EFI system partition */
        LOADER_IN_ROOT, /* path below the image's root */
        _LOADER_PLACE_MAX,
        _LOADER_PLACE_INVALID = -22, /* -EINVAL */
} LoaderPlace;

typedef struct LoaderFile {
        LoaderPlace place;
        char *path; /* as the image spells it, without a leading '/' */
} LoaderFile;

typedef struct Loaders {
        Arch arch;
        LoaderFile shim;
        LoaderFile grub[_MEDIUM_KIND_MAX];    /* by medium; often the same file */
        const char *prefix[_MEDIUM_KIND_MAX]; /* what is known of that grub's prefix ("/grub"); NULL
                                                 when loader_read_prefix() has to tell. Static */
} Loaders;

/* Every file below the folders of the root in which loaders may lie, as paths below the root. A
 * folder that is not there does not count. Blocks. Caller frees. Errors: those of reading. */
int loader_list_root(int root_fd, char ***ret_paths, Failure *reterr);

/* Where to look and what for. All borrowed. */
typedef struct LoaderSearch {
        char *const *esp_paths;  /* list: every file on the EFI system partition */
        char *const *root_paths; /* list: loader_list_root() */
        const OsRelease *os;
        Arch arch;
        unsigned media; /* mask of 1 << MEDIUM_ISO, 1 << MEDIUM_PXE */
} LoaderSearch;

/* Picks the files. Paths may have a leading '/'. Pure. Errors: -ENOPKG when one is missing; the
 * failure names what was looked for, where, and the package that has it. */
int loaders_pick(const LoaderSearch *search, Loaders *ret, Failure *reterr);

/* The prefix that a grub for EFI has inside, from the program's bytes; "" when it has an empty one:
 * such a grub looks beside itself. Pure. Errors: -ENODATA when there is none to be found. */
int loader_read_prefix(const void *data, size_t size, char ret_prefix[static LOADER_PREFIX_MAX]);

void loaders_done(Loaders *loaders);
#define _cleanup_loaders_ _cleanup_(loaders_done)
