/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A file that a caller sent, image or context, and the copy of it. The caller shares the open file
 * with us and can move its position, change its flags, shorten it or write to it at any time, and its
 * file system may be a program of theirs. So only a sealed child asks that file system anything, and
 * whatever counts afterwards is the copy.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/failure.h"

typedef struct Source {
        uint64_t size_bytes;
        bool is_local; /* a file system of this host's kernel alone: it answers in time */
} Source;

/* Looks at the file. Runs in the child, and may block for as long as its file system likes.
 * Errors: -EINVAL when it is not a regular file, or lies where there are no files but the kernel's own
 * words; -EFBIG over `max_bytes`. */
int source_look(int fd, const char *what, uint64_t max_bytes, Source *ret, Failure *reterr);

/* Copies it over the file `to_fd`, from its start and by explicit offsets only: sharing blocks, or
 * leaving holes out. What is not local is read by plain calls, during which nothing of the copy's file
 * system is held. Runs in the child. Errors: -EBUSY when it became shorter, -EIO, -ENOSPC; -EAGAIN and
 * -EINVAL when its flags were changed. */
int source_copy(const Source *source, int from_fd, int to_fd);
