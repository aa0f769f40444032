/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Starting a program with exactly the descriptors it is meant to have. */

#include <stddef.h>
#include <sys/types.h>

#define SPAWN_FDS_MAX 32

/* A pipe, both ends close-on-exec. */
int spawn_pipe(int *ret_read_fd, int *ret_write_fd);

/* Starts `path` as a child not of the caller but of the caller's parent, in a process group of its own,
 * with an empty signal mask, no signal ignored, and a plain environment. Descriptor N of the new process is
 * fds[N]; a negative one is /dev/null for 0 to 2 and closed otherwise; all above are closed. Blocks until
 * the exec. Errors: those of clone(2) and execve(2). Where `ret_pid` is not 0 there is a process, also
 * after an error: then one that has ended, and its parent has to wait for it. */
int spawn_sibling(
                const char *path,
                char *const *argv,
                const int *fds,
                size_t n_fds,
                pid_t *ret_pid);
