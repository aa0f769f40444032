/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where groups of processes can be made, and with which version of the kernel's cgroups: one folder
 * for each thing that is limited. The versions are chosen one by one, as many hosts have some
 * controllers here and some there. Not for users of the room: they take container/cgroup.h.
 */

#include "container/cgroup.h"

/* In version 2, the groups below a job's: see container/cgroup.c. */
#define CGROUP_OUTER "outer"
#define CGROUP_INNER "inner"

/* One for each controller of version 1, and one for all of version 2. */
typedef enum CgroupHierarchy {
        HIERARCHY_MEMORY = CGROUP_MEMORY,
        HIERARCHY_PROCESSES = CGROUP_PROCESSES,
        HIERARCHY_DEVICES = CGROUP_DEVICES,
        HIERARCHY_UNIFIED = _CGROUP_LIMIT_MAX,
        _HIERARCHY_MAX,
} CgroupHierarchy;

typedef struct CgroupBase {
        CgroupBackend backend[_CGROUP_LIMIT_MAX];
        int folder_fds[_HIERARCHY_MAX]; /* in which groups are made; -EBADF without */
        int home_fds[_HIERARCHY_MAX];   /* in which this process is; -EBADF without */
} CgroupBase;

#define CGROUP_BASE_NULL                                          \
        (CgroupBase) {                                            \
                .folder_fds = { -EBADF, -EBADF, -EBADF, -EBADF }, \
                .home_fds = { -EBADF, -EBADF, -EBADF, -EBADF },   \
        }

/* Finds them for the group that this process is in. In version 2, a group that was delegated to the
 * service (systemd's Delegate=) is made ready for groups below it, for which its processes move
 * aside; one that was not is left alone. What is not there stays CGROUP_NONE. */
void cgroup_base_open(CgroupBase *ret);
void cgroup_base_done(CgroupBase *base);

/* Where the limit is kept in that backend. */
CgroupHierarchy cgroup_base_hierarchy(CgroupLimit limit, CgroupBackend backend);

/* A file of a group: the whole text in one write(), as the kernel wants it; and its first bytes, with
 * a NUL behind. Errors: of open(), read(), write(). */
int cgroup_write(int folder_fd, const char *file, const char *text);
int cgroup_read(int folder_fd, const char *file, char *ret_text, size_t size);

/* The group of that name in a group. Errors: of openat(). */
int cgroup_open_folder(int folder_fd, const char *name);
