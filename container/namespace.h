/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Namespaces: children in new ones, a user namespace to map ids by, entering it. */

#include <stdint.h>
#include <sys/types.h>

#include "container/plan.h"

/* fork() with CLONE_NEW… flags: 0 in the child, its pid in the parent. The child must leave by
 * _exit(). */
pid_t namespace_fork(int flags);

/* A user namespace in which 0..count-1 are the host's base..base+count-1, users and groups
 * alike, and in which nobody lives. Its owner is `base`. What the kernel counts for each id
 * (processes, locked memory, signals, message queues) has the limit for all ids in it together,
 * too, so that changing ids gives nobody more. Returns a descriptor. The caller is real root,
 * with /proc mounted.
 * Errors: -EPERM, -ENOSPC when the host allows no more, -ENOSYS. */
int namespace_new_user(uint32_t base, uint32_t count, const PlanLimit *limits, size_t n_limits);

/* Makes the calling process root of that user namespace, with all its capabilities and
 * no other. */
int namespace_enter_user(int userns_fd);

/* Nothing that is mounted here is seen elsewhere from now on, nor the other way round. */
int namespace_make_private(void);

/* Moves into the folder as root of the mount namespace; what was there before is gone. */
int namespace_pivot(int root_fd);
