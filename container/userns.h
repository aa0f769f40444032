/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* User namespaces: making one to map ids by, and entering it. */

#include <stddef.h>
#include <stdint.h>

#include "container/plan.h"

/* A user namespace in which 0..count-1 are the host's base..base+count-1, users and groups
 * alike, and in which nobody lives. Its owner is the id `owner`: a process of that id outside may
 * enter it. What the kernel counts for each id (processes, locked memory, signals, message queues)
 * has the limit for all ids in it together, too, so that changing ids gives nobody more. Returns a
 * descriptor. The caller is real root, with /proc mounted.
 * Errors: -EPERM, -ENOSPC when the host allows no more, -ENOSYS. */
int userns_new(uint32_t owner,
               uint32_t base,
               uint32_t count,
               const PlanLimit *limits,
               size_t n_limits);

/* Makes the calling process root of that user namespace, with all its capabilities and
 * no other. */
int userns_enter(int userns_fd);
