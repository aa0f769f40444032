/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * File descriptors: whole reads and writes, copies, and opening below a folder that somebody else
 * fills. Every descriptor is close-on-exec from birth. All calls block.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/failure.h"

/* Reads to the end from the current position. Errors: -EFBIG when there are more than `max` bytes.
 * The result has a NUL behind it that does not count. Caller frees. */
int fd_read_all(int fd, size_t max, char **ret_data, size_t *ret_size);

/* Reads the whole regular file from its start by pread(), whatever its position is. Errors: -EFBIG,
 * -EINVAL when it is not a regular file. Caller frees. */
int fd_pread_all(int fd, size_t max, char **ret_data, size_t *ret_size);

int fd_write_all(int fd, const void *data, size_t size);

/* A file in memory with these bytes, which nobody can change any more. Its position is the start. */
int fd_new_sealed(const char *name, const void *data, size_t size);

/* Copies `size` bytes from `from_offset` to `to_offset`, holes as holes where the file system tells
 * them, sharing blocks where it can. Neither position matters; `from_fd`'s is moved by asking for
 * holes. Errors: -ENODATA when the source is shorter. */
int fd_copy_range(int from_fd, uint64_t from_offset, int to_fd, uint64_t to_offset, uint64_t size);

/* Copies a whole regular file over the target's content: by reflink where the file system can, else
 * by fd_copy_range(). */
int fd_copy_file(int from_fd, int to_fd);

/* How many bytes of the regular file are no hole, by what its file system says; one that knows no holes
 * calls everything data. Moves its position. */
int fd_count_data(int fd, uint64_t *ret_bytes);

/* openat2() for a folder whose contents a stranger made: links are followed, but an absolute link or
 * `..` never leaves `root_fd` (RESOLVE_IN_ROOT, no magic links). For what is meant to be seen as the
 * image sees it. Returns a descriptor or a negative errno. */
int fd_open_in_root(int root_fd, const char *path, int flags, mode_t mode);

/* openat2() that follows no link at all and never leaves `directory_fd` (RESOLVE_BENEATH,
 * no links). Errors: -ELOOP for a link, -EXDEV for a way out. */
int fd_open_beneath(int directory_fd, const char *path, int flags, mode_t mode);

/* Opens what is directly in the folder: neither through a link nor into another mount. Errors: -ELOOP
 * for a link, -EXDEV for a mount point. */
int fd_open_child(int directory_fd, const char *name, int flags);

/* Whether a stranger's descriptor is opened for reading, which one by O_PATH does not prove, and not in a
 * way that makes reading or writing by it another thing. Asks nobody but the kernel, so it never blocks.
 * `what` begins the sentence: "The image". Errors: -EINVAL. */
int fd_check_reading(int fd, const char *what, Failure *reterr);

/* Marks every descriptor from `first` on close-on-exec. */
int fd_close_on_exec_from(int first);
