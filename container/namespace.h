/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Namespaces: children in new ones, and the root of a mount namespace. */

#include <sys/types.h>

/* fork() with CLONE_NEW… flags: 0 in the child, its pid in the parent. The child must leave by
 * _exit(). Whoever needs the host's privilege for it calls privilege_fork(). */
pid_t namespace_fork(int flags);

/* A fork() whose child is root of that user namespace, and in further new ones (CLONE_NEW… flags):
 * for who has no privilege outside of it but is its owner. Returns 0 in the child, in the parent its
 * pid or a negative errno. The child must leave by _exit(). Blocks for the fork. */
pid_t namespace_fork_inside(int userns_fd, int flags);

/* Nothing that is mounted here is seen elsewhere from now on, nor the other way round. */
int namespace_make_private(void);

/* Moves into the folder as root of the mount namespace; what was there before is gone. */
int namespace_pivot(int root_fd);
