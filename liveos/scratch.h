/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The scratch space of a job: a file system of its own in a sparse file, which can take no more of the
 * host's disk than it has, in bytes and in files. The file has no name, so that the kernel takes it away
 * with whoever had it open last.
 */

#include <stdbool.h>

#include "common/failure.h"
#include "config/order.h"

/* Outside: makes it in ORDER_FD_SCRATCH, as large as the order says. Returns its descriptor. Blocks for
 * some milliseconds. Errors: of mkfs, with a sentence. */
int scratch_make(const Order *order, Failure *reterr);

/* Inside, before anything writes to it: a descriptor for scratch_judge(). */
int scratch_watch(void);

/* Inside, when the work has ended, in whatever way. Writes out what is left to write. Returns true, with
 * the failure rewritten to -ENOSPC, when the space was full, or the host's disk could not take what it
 * holds; what was read from it then cannot be relied on. */
bool scratch_judge(int watch_fd, const Order *order, Failure *failure);
