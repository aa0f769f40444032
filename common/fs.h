/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Files and folders by (descriptor, name): small reads and writes, removal of trees, publishing
 * whole or not at all. The `_in_root` calls see links as somebody who lives in that root would; the
 * others follow no link. All calls block.
 */

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "common/cleanup.h"

/* The file's bytes with a NUL behind. Errors: -EFBIG, -ENOENT, -EINVAL when it is not a regular
 * file. Caller frees. */
int fs_read_in_root(int root_fd, const char *path, size_t max, char **ret_data, size_t *ret_size);

/* Creates or replaces the file's content and sets exactly this mode; missing folders above are made
 * with 0755. */
int fs_write_in_root(int root_fd, const char *path, const void *data, size_t size, mode_t mode);

/* Opens for writing as fs_write_in_root() does, truncated, with exactly this mode. */
int fs_create_in_root(int root_fd, const char *path, mode_t mode);

/* Makes the folder and all missing ones above. Being there already is fine. */
int fs_mkdir_in_root(int root_fd, const char *path, mode_t mode);

/* As fs_mkdir_in_root(), but a link on the way is -ELOOP. */
int fs_mkdir_beneath(int directory_fd, const char *path, mode_t mode);

/* stat() as the root's inhabitants would. */
int fs_stat_in_root(int root_fd, const char *path, struct stat *ret);

/* A file that appears under its name whole, after its bytes are on disk, or not at all; the folder
 * is on disk too when this returns. */
int fs_write_atomic(int directory_fd, const char *name, const void *data, size_t size, mode_t mode);

/* Removes a file or a whole tree; never follows a link, never enters another mount. Being gone
 * already is fine. Goes on after an error and returns the first. */
int fs_remove_tree(int directory_fd, const char *name);

/* The same, but of a folder only when it has a file `marker` in it, or nothing: what is looked at is what is
 * removed, whoever renames meanwhile. Errors: -ENOTEMPTY when it is somebody else's. */
int fs_remove_marked_tree(int directory_fd, const char *name, const char *marker);

/* Removes everything in the folder, but not the folder itself; otherwise the same. */
int fs_remove_contents(int directory_fd);

/* Opens a folder for reading its entries; owns `take_fd` in any case. NULL with errno set. */
DIR *fs_opendir(int take_fd);

/* The next entry but "." and ".."; NULL at the end or with errno set. */
struct dirent *fs_readdir(DIR *d);

static inline void cleanup_closedir(DIR **d) {
        if (*d)
                (void) closedir(*d);
}
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)
