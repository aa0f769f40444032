/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The list that an export goes by: the files of an artifact, with the permissions that they get. The
 * service makes it of the manifest, which it has checked, so that a worker with the right to write to a
 * target reads nothing of what another worker has left. A line for each file, "0644 pxe/tftp/boot/vmlinuz",
 * sorted by path. Pure functions.
 */

#include <stddef.h>
#include <sys/types.h>

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/failure.h"

/* As long as a manifest can be, where each path has more words around it. */
#define FILE_LIST_MAX_BYTES (1024U * 1024U)

typedef struct FileListItem {
        const char *path;   /* below the artifact; in the list's text */
        mode_t permissions; /* 0 to 0777 */
} FileListItem;

typedef struct FileList {
        char *text;
        FileListItem *items; /* sorted by path */
        size_t n_items;
} FileList;

/* Appends a line; the caller has sorted them. Errors: -ENOMEM. */
int file_list_append(Buffer *text, const char *path, mode_t permissions);

/* Errors: -EBADMSG with a sentence when it is no such list, or one that is not sorted; -ENOMEM. */
int file_list_parse(const char *text, size_t size, FileList *ret, Failure *reterr);

/* NULL when there is no such file in it. */
const FileListItem *file_list_find(const FileList *list, const char *path);

void file_list_done(FileList *list);
#define _cleanup_file_list_ _cleanup_(file_list_done)
