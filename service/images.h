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
        const char *folder; /* one of those that were given; borrowed */
        uint64_t size_bytes;
        uint64_t inode;
        uint64_t modified_nsec; /* since 1970 */
} Image;

void image_done(Image *image);
#define _cleanup_image_ _cleanup_(image_done)

typedef struct Images {
        Image *items; /* sorted by name */
        size_t n_items;
} Images;

/* Lists them all, at most IMAGES_MAX; caller calls images_done(). A folder that is missing has no
 * images. Blocks for the reading of folders. Errors: -EIO with a sentence, -ENOMEM. */
int images_list(char *const *folders, Images *ret, Failure *reterr);
void images_done(Images *images);
#define _cleanup_images_ _cleanup_(images_done)

/* One path element that can be shown: not hidden, UTF-8, without control characters. Pure. */
bool images_name_is_good(const char *name);

/* Opens an image for reading. Returns a descriptor. Errors: -EINVAL when the name is no file name,
 * -ENOMEDIUM when there is none, -EIO when it cannot be opened; with a sentence. */
int images_open(char *const *folders, const char *name, Failure *reterr);

/* The same, and what the file is as it is now. Caller calls image_done(). Returns a descriptor. Errors: as
 * images_open(), -ENOMEM. */
int images_find(char *const *folders, const char *name, Image *ret, Failure *reterr);

/* The folder that imported images go to: the first. Returns a descriptor. Errors: -EIO with a sentence. */
int images_open_folder(char *const *folders, Failure *reterr);

/* Whether an image may be imported under that name. Errors: -EINVAL when it is no name, -EEXIST when there
 * is one already, in whichever folder, unless it may be replaced; with a sentence. */
int images_check_import(char *const *folders, const char *name, bool replace, Failure *reterr);

/* Gives what the worker of the job has copied there its name, on disk when this returns. Errors: -EEXIST as
 * above, -EIO; with a sentence. */
int images_publish(int folder_fd, uint32_t job, const char *name, bool replace, Failure *reterr);

/* Looks at what the worker of the job has copied there, as an image of the name and folder that it is to
 * get. Caller calls image_done(). Errors: -EIO with a sentence, -ENOMEM. */
int images_look_at_import(
                int folder_fd,
                uint32_t job,
                const char *folder,
                const char *name,
                Image *ret,
                Failure *reterr);

/* Takes an image its name, for a removal; the new name is for the removal alone. On disk when this returns.
 * Errors: -ENOMEDIUM when the file has gone or is another by now, -EIO; with a sentence. */
#define IMAGES_HIDDEN_NAME_SIZE 48
int images_hide(int folder_fd,
                const Image *image,
                char ret_name[static IMAGES_HIDDEN_NAME_SIZE],
                Failure *reterr);

/* Removes what the job, or 0: any job or removal, has left and nobody has named. Being gone is fine. */
int images_discard(int folder_fd, uint32_t job);

/* Whether nobody but the service's own user can change the image, so that it may be used in place:
 * what is mounted must stay as it is. Of any other one a copy has to be made. */
bool images_is_ours(int fd);
