/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which label of SELinux a file gets by an image's own policy: its "file contexts" (selabel_file(5)). Only
 * their text is read, not what was compiled of it, and within the image's root. The only header over
 * libselinux. The text is an image's and its patterns take what time they like: for the container.
 */

#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/failure.h"

typedef struct FileContexts FileContexts;

/* Where the text is below the image's root, by the SELINUXTYPE in its /etc/selinux/config:
 * "etc/selinux/targeted/contexts/files/file_contexts". Caller frees. Errors: -ENOENT when there is no such
 * file, -ENOMEM, and those of reading. */
int file_contexts_find(int root_fd, char **ret_path);

/* Reads the text at `path` below the root and what stands beside it: contexts of home folders, local ones, and
 * substitutions. `folder`, which must not be there, is made for copies and stays. Errors: -EBADMSG when
 * libselinux does not understand it, and those of reading and writing. */
int file_contexts_open(
                int root_fd,
                const char *path,
                const char *folder,
                FileContexts **ret,
                Failure *reterr);

/* The label of what is of this type at this path, which has a '/' in front. Returns 1, and 0 when the policy
 * has none for it. Caller frees. Errors: -EBADMSG, -ENOMEM. */
int file_contexts_look_up(
                FileContexts *contexts,
                const char *path,
                mode_t mode,
                char **ret_label,
                Failure *reterr);

FileContexts *file_contexts_free(FileContexts *contexts);
DEFINE_CLEANUP(FileContexts *, file_contexts_free);
