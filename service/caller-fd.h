/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Descriptors that a caller sent. The caller shares the open file with us: it may move its position,
 * change its flags and, unless it is sealed, its bytes at any time. So it is only looked at here;
 * whoever reads it copies it first.
 */

#include <stdint.h>

#include "common/failure.h"

/* Whether it is a regular file, opened for reading, not empty, and of at most `max_bytes`. `what`
 * begins the sentence: "The image". Errors: -EINVAL; -ENOEXEC when it is
 * empty; -ENOBUFS when it is too large. */
int caller_fd_check(int fd, const char *what, uint64_t max_bytes, Failure *reterr);

/* A descriptor of our own for the same open file, beyond the message's life. Returns it. Errors:
 * -ENOBUFS when there are too many. */
int caller_fd_keep(int fd, const char *what, Failure *reterr);

/* A text as a sealed file in memory. Returns a descriptor. */
int caller_fd_from_text(const char *text, size_t size, Failure *reterr);
