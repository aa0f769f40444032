/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The images in the service's own folders: regular files, known by their names alone. Of two with
 * one name the folder that is configured first wins. No link is followed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"

#define IMAGES_MAX 4096U

typedef struct Image {
        char *name;
        uint64_t size_bytes;
} Image;

typedef struct Images {
        Image *items; /* sorted by name */
        size_t n_items;
} Images;

/* Lists them all, at most IMAGES_MAX; caller calls images_done(). A folder that is missing has no
 * images. Blocks for the reading of folders. Errors: -EIO with a sentence, -ENOMEM. */
int images_list(char *const *folders, Images *ret, Failure *reterr);
void images_done(Images *images);
#define _cleanup_images_ _cleanup_(images_done)

/* Opens an image for reading. Returns a descriptor. Errors: -EINVAL when the name is no file name,
 * -ENOMEDIUM when there is none, -EIO when it cannot be opened; with a sentence. */
int images_open(char *const *folders, const char *name, Failure *reterr);

/* Whether nobody but the service's own user can change the image, so that it may be used in place:
 * what is mounted must stay as it is. Of any other one a copy has to be made. */
bool images_is_ours(int fd);
