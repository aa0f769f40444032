/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The group of processes of a job: its name, its limits, and what became of a job that met them.
 */

#include "common/failure.h"
#include "config/order.h"
#include "container/cgroup.h"

#define GROUP_NAME_SIZE CGROUP_NAME_SIZE

/* pxed-job-STORE-JOB; of job 0 with a '-' in place of the number, which stands for all of the store. */
void group_name(const Order *order, char ret[static GROUP_NAME_SIZE]);

/* Makes it as the order says, with the caller in it. Errors: as cgroup_new(), with what to do. */
int group_new(const Order *order, Cgroup **ret, Failure *reterr);

/* After a job has failed with `error`: returns it, or -ENOMEM with a sentence when the kernel had to
 * kill for memory, or -EAGAIN when it refused processes. */
int group_judge(const Cgroup *group, const Order *order, int error, Failure *reterr);
