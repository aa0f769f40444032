/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Executes the ops of a plan, one after the other, as real root. The only place where privilege
 * meets an image, and it reads no byte of it: it mounts. */

#include "common/failure.h"
#include "container/plan.h"

/* Where the new root is put together before the container moves into it. */
#define EXECUTE_STAGING "/tmp"

/* Takes hold of what the plan binds, still in the caller's mount namespace: one detached mount for
 * each op, -EBADF where none is needed. The caller closes them. */
int execute_collect(const Plan *plan, int *ret_mount_fds, Failure *reterr);

/* Makes a private mount namespace of the caller's own, builds the root in it and moves into it. The
 * caller's umask is 0. `mount_fds` as collected; all are closed when it succeeds. `userns_fd` maps the ids of
 * idmapped mounts. */
int execute_plan(const Plan *plan, int *mount_fds, int userns_fd, Failure *reterr);
