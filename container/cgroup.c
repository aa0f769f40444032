/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * In version 2 a job's group has two below it: `outer` with its maker, and `inner`, which has the wall
 * of devices and dies as a whole when memory runs out, so that the maker can say what happened. In
 * version 1 there is one group in each hierarchy.
 */

#include "container/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/strings.h"
#include "container/cgroup-base.h"
#include "container/cgroup-sweep.h"
#include "container/device-filter.h"
#include "container/privilege.h"
#include "container/process.h"

struct Cgroup {
        CgroupBase base;
        CgroupBackend backend[_CGROUP_LIMIT_MAX];
        char name[CGROUP_NAME_SIZE];
        int group_fds[_HIERARCHY_MAX];
        int wall_fds[_HIERARCHY_MAX];
        size_t n_wall_fds;
};

/* --- Its making, and its end -------------------------------------------------------------- */

static int write_number(int group_fd, const char *file, uint64_t number) {
        char text[24];

        (void) snprintf(text, sizeof(text), "%" PRIu64, number);
        return cgroup_write(group_fd, file, text);
}

static int limit_memory_v1(int group_fd, uint64_t bytes) {
        int r = write_number(group_fd, "memory.limit_in_bytes", bytes);

        if (r < 0)
                return r;
        /* Both may be missing, in kernels without accounting of swap. */
        (void) write_number(group_fd, "memory.memsw.limit_in_bytes", bytes);
        (void) cgroup_write(group_fd, "memory.swappiness", "0");
        return 0;
}

static int limit_memory_v2(int group_fd, uint64_t bytes) {
        int r = write_number(group_fd, "memory.max", bytes);

        if (r < 0)
                return r;
        (void) cgroup_write(group_fd, "memory.swap.max", "0");
        (void) cgroup_write(group_fd, "cgroup.subtree_control", "+memory");
        (void) cgroup_write(group_fd, CGROUP_INNER "/memory.oom.group", "1");
        return 0;
}

static int limit_processes(int group_fd, uint64_t number) {
        return write_number(group_fd, "pids.max", number);
}

/* What the group above must not open, this one cannot allow; that much more is refused. */
static int limit_devices_v1(int group_fd, uint64_t number _unused_) {
        int r = privilege_write(group_fd, "devices.deny", "a");

        for (size_t i = 0; r >= 0 && i < n_device_rules; i++) {
                const DeviceRule *rule = &device_rules[i];
                char text[32];

                if (rule->minor == DEVICE_ANY)
                        (void) snprintf(text, sizeof(text), "c %u:* rw", rule->major);
                else
                        (void) snprintf(text, sizeof(text), "c %u:%u rw", rule->major, rule->minor);
                r = privilege_write(group_fd, "devices.allow", text);
                if (r == -EPERM)
                        r = 0;
        }
        return r;
}

static int limit_devices_v2(int group_fd, uint64_t number _unused_) {
        _cleanup_close_ int inner_fd = cgroup_open_folder(group_fd, CGROUP_INNER);

        return inner_fd < 0 ? inner_fd : device_filter_attach(inner_fd);
}

static const struct {
        const char *noun;
        int (*set[_CGROUP_BACKEND_MAX])(int group_fd, uint64_t number);
        size_t member; /* of CgroupLimits; not of devices */
} limit_kinds[_CGROUP_LIMIT_MAX] = {
        [CGROUP_MEMORY] = { "memory",
                            { [CGROUP_V1] = limit_memory_v1, [CGROUP_V2] = limit_memory_v2 },
                            offsetof(CgroupLimits, memory_bytes) },
        [CGROUP_PROCESSES] = { "number of processes",
                               { [CGROUP_V1] = limit_processes, [CGROUP_V2] = limit_processes },
                               offsetof(CgroupLimits, processes) },
        [CGROUP_DEVICES] = { "devices",
                             { [CGROUP_V1] = limit_devices_v1, [CGROUP_V2] = limit_devices_v2 },
                             offsetof(CgroupLimits, processes) },
};

static int make_group(Cgroup *cgroup, CgroupHierarchy hierarchy) {
        int folder_fd = cgroup->base.folder_fds[hierarchy], r;

        if (cgroup->group_fds[hierarchy] >= 0)
                return 0;
        r = cgroup_remove(folder_fd, cgroup->name);
        if (r < 0)
                return r;
        if (mkdirat(folder_fd, cgroup->name, 0755) < 0)
                return -errno;
        r = cgroup_open_folder(folder_fd, cgroup->name);
        if (r < 0)
                return r;
        cgroup->group_fds[hierarchy] = r;
        if (hierarchy == HIERARCHY_UNIFIED &&
            (mkdirat(r, CGROUP_OUTER, 0755) < 0 || mkdirat(r, CGROUP_INNER, 0755) < 0))
                return -errno;
        return 0;
}

/* `file` leads to a list of processes below the group. */
static int add_wall(Cgroup *cgroup, CgroupHierarchy hierarchy, const char *file) {
        int fd = openat(cgroup->group_fds[hierarchy], file, O_WRONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        cgroup->wall_fds[cgroup->n_wall_fds++] = fd;
        return 0;
}

static int set_limit(Cgroup *cgroup, CgroupLimit limit, const CgroupLimits *limits) {
        CgroupBackend backend = cgroup->base.backend[limit];
        CgroupHierarchy hierarchy = cgroup_base_hierarchy(limit, backend);
        const void *number = (const char *) limits + limit_kinds[limit].member;
        int r;

        if (backend == CGROUP_NONE)
                return -EOPNOTSUPP;
        r = make_group(cgroup, hierarchy);
        if (r >= 0)
                r = limit_kinds[limit].set[backend](
                                cgroup->group_fds[hierarchy],
                                *(const uint64_t *) number);
        if (r >= 0)
                cgroup->backend[limit] = backend;
        return r;
}

/* The groups that count hold the maker; those that wall it off wait for others. */
static int join(Cgroup *cgroup) {
        int r = 0;

        for (CgroupHierarchy i = 0; r >= 0 && i < _HIERARCHY_MAX; i++) {
                if (cgroup->group_fds[i] < 0)
                        continue;
                if (i == HIERARCHY_UNIFIED) {
                        r = cgroup_write(cgroup->group_fds[i], CGROUP_OUTER "/cgroup.procs", "0");
                        if (r >= 0)
                                r = add_wall(cgroup, i, CGROUP_INNER "/cgroup.procs");
                } else if (i == HIERARCHY_DEVICES)
                        r = add_wall(cgroup, i, "cgroup.procs");
                else
                        r = cgroup_write(cgroup->group_fds[i], "cgroup.procs", "0");
        }
        return r;
}

int cgroup_new(const char *name, const CgroupLimits *limits, Cgroup **ret, Failure *reterr) {
        _cleanup_(cgroup_freep) Cgroup *cgroup = calloc(1, sizeof(*cgroup));
        int r;

        if (!cgroup)
                return -ENOMEM;
        for (size_t i = 0; i < _HIERARCHY_MAX; i++)
                cgroup->group_fds[i] = cgroup->wall_fds[i] = -EBADF;
        (void) snprintf(cgroup->name, sizeof(cgroup->name), "%s", name);
        cgroup_base_open(&cgroup->base);
        for (CgroupLimit limit = 0; limit < _CGROUP_LIMIT_MAX; limit++) {
                r = set_limit(cgroup, limit, limits);
                if (r < 0 && !limits->optional)
                        return failure_set(
                                        reterr,
                                        -EOPNOTSUPP,
                                        "The %s of a job cannot be limited by a cgroup: %s.",
                                        limit_kinds[limit].noun,
                                        strerror(-r));
        }
        r = join(cgroup);
        if (r < 0)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The worker cannot join the cgroup of its job: %s.",
                                strerror(-r));
        process_set_killable_for_memory(false);
        *ret = TAKE_PTR(cgroup);
        return 0;
}

Cgroup *cgroup_free(Cgroup *cgroup) {
        if (!cgroup)
                return NULL;
        for (size_t i = 0; i < cgroup->n_wall_fds; i++)
                cleanup_close(&cgroup->wall_fds[i]);
        for (size_t i = 0; i < _HIERARCHY_MAX; i++) {
                if (cgroup->group_fds[i] < 0)
                        continue;
                (void) close(cgroup->group_fds[i]);
                if (i != HIERARCHY_DEVICES)
                        (void) cgroup_write(cgroup->base.home_fds[i], "cgroup.procs", "0");
                (void) cgroup_remove(cgroup->base.folder_fds[i], cgroup->name);
        }
        process_set_killable_for_memory(true);
        cgroup_base_done(&cgroup->base);
        free(cgroup);
        return NULL;
}

/* --- What it says -------------------------------------------------------------------------- */

size_t cgroup_wall_fds(const Cgroup *cgroup, const int **ret_fds) {
        *ret_fds = cgroup->wall_fds;
        return cgroup->n_wall_fds;
}

CgroupBackend cgroup_backend(const Cgroup *cgroup, CgroupLimit limit) {
        return cgroup->backend[limit];
}

const char *cgroup_backend_to_string(CgroupBackend backend) {
        static const char *const names[_CGROUP_BACKEND_MAX] = {
                [CGROUP_NONE] = "none",
                [CGROUP_V1] = "cgroup-v1",
                [CGROUP_V2] = "cgroup-v2",
        };

        return names[backend];
}

/* The number behind the key in a file of lines with both. */
static uint64_t read_count(
                const Cgroup *cgroup,
                CgroupLimit limit,
                const char *file,
                const char *key) {
        CgroupHierarchy hierarchy = cgroup_base_hierarchy(limit, cgroup->backend[limit]);
        char text[1024];
        uint64_t count = 0;

        if (cgroup->backend[limit] == CGROUP_NONE ||
            cgroup_read(cgroup->group_fds[hierarchy], file, text, sizeof(text)) < 0)
                return 0;
        for (char *rest = text, *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
                const char *number = str_after_prefix(line, key);

                if (number && *number == ' ')
                        (void) str_to_u64(number + 1, UINT64_MAX, &count);
        }
        return count;
}

void cgroup_events(const Cgroup *cgroup, CgroupEvents *ret) {
        const char *memory = cgroup->backend[CGROUP_MEMORY] == CGROUP_V1 ? "memory.oom_control"
                                                                         : "memory.events";

        ret->oom_kills = read_count(cgroup, CGROUP_MEMORY, memory, "oom_kill");
        ret->forks_refused = read_count(cgroup, CGROUP_PROCESSES, "pids.events", "max");
}
