/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A job's group of processes (a cgroup): what all of them together may have of memory, how many they
 * may be, and which device nodes those may open that are inside of the container.
 *
 * The group lies below the one that its maker is in. The maker belongs to it as to memory and number,
 * so that they hold for all that it starts; the wall of devices is for those who pass it, as the maker
 * itself needs loop devices.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/failure.h"

/* Room for a group's name. */
#define CGROUP_NAME_SIZE 64u

typedef enum CgroupLimit {
        CGROUP_MEMORY,    /* bytes, page cache included, swap none */
        CGROUP_PROCESSES, /* with their threads */
        CGROUP_DEVICES,   /* null, zero, full, random, urandom, terminals of the container */
        _CGROUP_LIMIT_MAX,
} CgroupLimit;

typedef enum CgroupBackend {
        CGROUP_NONE, /* this host cannot, or does not let us */
        CGROUP_V1,
        CGROUP_V2,
        _CGROUP_BACKEND_MAX,
} CgroupBackend;

typedef struct Cgroup Cgroup;

typedef struct CgroupLimits {
        uint64_t memory_bytes;
        uint64_t processes;
        bool optional; /* what this host cannot limit stays without a limit */
} CgroupLimits;

/* What the kernel counted in the life of a group. */
typedef struct CgroupEvents {
        uint64_t oom_kills;     /* processes that it killed as memory had run out */
        uint64_t forks_refused; /* processes that it did not start, as there were too many */
} CgroupEvents;

/* Makes the group, in place of one of that name that was left behind, and joins it for memory and
 * number. From then on the kernel does not choose the caller when it must kill for memory; whom it
 * starts calls process_set_killable_for_memory(true). Needs real root, for the devices in version 2 with
 * CAP_SYS_ADMIN. Errors: -EOPNOTSUPP with a sentence when a limit is not optional and cannot be had;
 * -ENOMEM. */
int cgroup_new(const char *name, const CgroupLimits *limits, Cgroup **ret, Failure *reterr);

/* The caller leaves the group; what else is in it is killed, and the group removed. Blocks until it is
 * gone, two seconds at most. */
Cgroup *cgroup_free(Cgroup *cgroup);
DEFINE_CLEANUP(Cgroup *, cgroup_free);

/* Who writes "0" to each of these stands behind the wall of devices, with all that it will start.
 * Borrowed. Returns how many they are. */
size_t cgroup_wall_fds(const Cgroup *cgroup, const int **ret_fds);

CgroupBackend cgroup_backend(const Cgroup *cgroup, CgroupLimit limit);
const char *cgroup_backend_to_string(CgroupBackend backend); /* "none", "cgroup-v1", "cgroup-v2" */

void cgroup_events(const Cgroup *cgroup, CgroupEvents *ret);
