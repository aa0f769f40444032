/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The extended attributes of a whole system's files as a text that an initramfs can carry, for whoever takes it
 * apart again: a line for each, with its name, its bytes in hexadecimal and the path below the root, blanks
 * between. In name and path '%', blanks, control characters and all beyond ASCII are %XX.
 */

#include <stddef.h>

#include "common/buffer.h"
#include "common/failure.h"

#define ATTRIBUTE_LIST_PATH      "usr/lib/pxed/attributes"
#define ATTRIBUTE_LIST_MAX_BYTES (16U * 1024U * 1024U)

/* Pure. Errors: -EFBIG when the list would be too long, -ENOMEM. */
int attribute_list_append(
                Buffer *list,
                const char *path,
                const char *name,
                const void *value,
                size_t size);

/* Gives the files below the root their attributes back. Whatever the text says, no attribute of another kind
 * is set, and nothing outside of the root and no link is touched; a file that is not there is passed over, and
 * what users gave a file where the file system keeps no such attributes. Blocks. Errors: -EBADMSG for a
 * line that is none; of setting the attribute. */
int attribute_list_apply(const char *text, int root_fd, Failure *reterr);
