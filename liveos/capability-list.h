/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The file capabilities of a whole system as a text that an initramfs can carry, for whoever takes it apart
 * again: a line for each file, the bytes of its attribute `security.capability` in hexadecimal, a blank and
 * the path below the root, in which '%', blanks, control characters and all beyond ASCII are %XX.
 */

#include <stddef.h>

#include "common/buffer.h"
#include "common/failure.h"

#define CAPABILITY_LIST_PATH      "usr/lib/pxed/capabilities"
#define CAPABILITY_LIST_MAX_BYTES (16U * 1024U * 1024U)

/* Pure. Errors: -ENOMEM. */
int capability_list_append(Buffer *list, const char *path, const void *value, size_t size);

/* Gives the files below the root their capabilities back. Whatever the text says, nothing outside of the
 * root and no link is touched; a file that is not there is passed over. Blocks. Errors: -EBADMSG for a
 * line that is none; of setting the attribute. */
int capability_list_apply(const char *text, int root_fd, Failure *reterr);
