/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A place where something is to appear: a name in a folder that exists. What is made for it is made
 * beside it, under a name of its own, and takes the place by one rename.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/failure.h"

typedef enum PlaceKind {
        PLACE_FILE,   /* an older file is replaced */
        PLACE_FOLDER, /* an older folder must be empty, or PLACE_REPLACE be given */
} PlaceKind;

typedef enum PlaceFlags {
        PLACE_REPLACE = 1 << 0, /* an older folder is replaced with all that is in it */
} PlaceFlags;

typedef struct Place {
        const char *path; /* as the user gave it; borrowed */
        PlaceKind kind;
        PlaceFlags flags;
        int folder_fd;   /* the folder that it is in */
        char *name;      /* in there; a link in its place was followed */
        char *temporary; /* the name beside it while it is made; NULL before and after */
} Place;

#define PLACE_NULL                  \
        (Place) {                   \
                .folder_fd = -EBADF \
        }

/* What a new file or folder gets, by the umask. */
mode_t place_mode(PlaceKind kind);

/* Finds it and says whether it could be taken now. Errors: -ENOENT, -EISDIR, -ENOTDIR, -EEXIST for
 * an older folder with something in it, … */
int place_open(const char *path, PlaceKind kind, PlaceFlags flags, Place *ret, Failure *reterr);

/* Makes the temporary file or folder and returns its descriptor. */
int place_begin(Place *place, Failure *reterr);

/* Puts it in place; `fd` is what place_begin() returned. */
int place_commit(Place *place, int fd, Failure *reterr);

/* Removes what was begun and not committed. */
void place_done(Place *place);
#define _cleanup_place_ _cleanup_(place_done)
