/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who reads the image's file systems: drivers of the kernel, or programs in user space, each in a
 * cage of its own (container/fuse-server.h). The order says which is wanted; the worker decides for
 * each partition before the container is planned.
 */

#include "common/failure.h"
#include "container/plan.h"
#include "liveos/build.h"

/* Fills in_user_space. Errors: -EOPNOTSUPP when the order wants user space alone, and a partition's
 * kind of file system has no program for it, or it is not installed, or the kernel has no FUSE. */
int readers_choose(Build *build, Failure *reterr);

/* Adds the partitions to the plan, as mounts of the kernel or as places for what is mounted later,
 * and what the programs need. Both descriptors are borrowed. Errors: of plan_add_partition(). */
int readers_plan(const Build *build, int image_fd, int handover_fd, Plan *plan, Failure *reterr);

/* Opens the program that the plan wants, where the worker's own executable is; -EBADF when no
 * partition is read in user space. Errors: -ENOENT when it is not there. */
int readers_open_handover(const Build *build, int *ret_fd, Failure *reterr);

/* Starts the programs, and logs who reads what. Runs in the conductor. Errors: of
 * fuse_server_start(). */
int readers_start(Build *build, Failure *reterr);

/* Whether all of them live. When one has ended, what failed meanwhile failed for that, and its
 * sentence takes the place of what reterr has. Runs in the conductor. Errors: -EIO. */
int readers_check(Build *build, Failure *reterr);

/* "kernel", or the name of the program. */
const char *readers_name(const Build *build, size_t partition);
