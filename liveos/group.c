/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limits of an order, as the kernel is told them and as people are told that they were met. */

#include "liveos/group.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define MIB (UINT64_C(1) << 20)

void group_name(const Order *order, char ret[static GROUP_NAME_SIZE]) {
        if (order->job_id > 0)
                (void) snprintf(ret,
                                GROUP_NAME_SIZE,
                                "pxed-job-%" PRIx64 "-%" PRIu64,
                                order->store_id,
                                order->job_id);
        else
                (void) snprintf(ret, GROUP_NAME_SIZE, "pxed-job-%" PRIx64 "-", order->store_id);
}

int group_new(const Order *order, Cgroup **ret, Failure *reterr) {
        const CgroupLimits limits = {
                .memory_bytes = order->memory_max_bytes,
                .processes = order->processes_max,
                .optional = order->without_limits,
        };
        char name[GROUP_NAME_SIZE];
        int r;

        if (limits.memory_bytes == 0 || limits.processes == 0)
                return failure_set(reterr, -EINVAL, "The order of the job has no limits.");
        group_name(order, name);
        r = cgroup_new(name, &limits, ret, reterr);
        if (r == -EOPNOTSUPP)
                return failure_set(
                                reterr,
                                r,
                                "The limits of the job cannot be set, although they could when the service started; start the service again, or see withoutLimits in its settings.");
        return r;
}

int group_judge(const Cgroup *group, const Order *order, int error, Failure *reterr) {
        CgroupEvents events;

        cgroup_events(group, &events);
        if (events.oom_kills > 0)
                return failure_set(
                                reterr,
                                -ENOMEM,
                                "The job ran out of memory: all that it runs may have %" PRIu64
                                " MiB together (limits.memoryBytes in the service's settings), and the kernel ended some of it.",
                                order->memory_max_bytes / MIB);
        if (events.forks_refused > 0)
                return failure_set(
                                reterr,
                                -EAGAIN,
                                "The job failed after it had as many processes as it may have, %" PRIu32
                                " (limits.processes in the service's settings).",
                                order->processes_max);
        return error;
}
