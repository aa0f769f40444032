/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A plan only grows: every plan_add_…() checks its op completely and appends it, so that the
 * executor finds nothing to refuse but what the kernel refuses. */

#include "container/plan.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>

#include "common/strings.h"
#include "container/filesystem.h"
#include "container/fuse-server.h"
#include "container/network-guard.h"
#include "container/plan-op.h"

#define OPS_MAX        256u
#define DESCRIPTOR_MAX 4096u
#define PROCESSES_MAX  4096u

static const char *const kind_names[_OP_KIND_MAX] = {
        [OP_DIRECTORY] = "directory", [OP_SYMLINK] = "symlink",     [OP_FILE] = "file",
        [OP_TMPFS] = "tmpfs",         [OP_PROC] = "proc",           [OP_DEVPTS] = "devpts",
        [OP_BIND] = "bind",           [OP_PARTITION] = "partition", [OP_SCRATCH] = "scratch",
        [OP_FUSE] = "fuse",           [OP_MASK] = "mask",           [OP_SHIELD] = "shield",
};

static const struct {
        unsigned flag;
        const char *name;
} flag_names[] = {
        { OP_READ_ONLY, "ro" },      { OP_NOSUID, "nosuid" },     { OP_NODEV, "nodev" },
        { OP_NOEXEC, "noexec" },     { OP_IDMAPPED, "idmapped" }, { OP_RECURSIVE, "recursive" },
        { OP_OPTIONAL, "optional" }, { OP_OWNED, "owned" },
};

static const struct {
        int resource;
        const char *name;
} limit_names[] = {
        { RLIMIT_AS, "as" },           { RLIMIT_CORE, "core" },   { RLIMIT_CPU, "cpu" },
        { RLIMIT_FSIZE, "fsize" },     { RLIMIT_NPROC, "nproc" }, { RLIMIT_NOFILE, "nofile" },
        { RLIMIT_MEMLOCK, "memlock" },
};

const char *op_kind_name(OpKind kind) {
        assert(kind < _OP_KIND_MAX);
        return kind_names[kind];
}

int op_failure(const MountOp *op, int error, Failure *reterr) {
        if (error == -EOPNOTSUPP)
                return failure_set(
                                reterr,
                                error,
                                "Cannot mount \"%s\" in the container: the file system it lies on "
                                "cannot map ids (idmapped mounts); keep it on ext4, xfs, btrfs or "
                                "tmpfs, with a kernel that can.",
                                op->target);
        if (op->kind == OP_PARTITION)
                return failure_set_errno(
                                reterr,
                                error,
                                "Cannot mount the %s file system at byte %llu of the image; it may "
                                "be damaged, or this kernel has no driver for it",
                                op->fstype,
                                (unsigned long long) op->offset_bytes);
        return failure_set_errno(
                        reterr,
                        error,
                        "Cannot set up \"%s\" (%s) in the container",
                        op->target,
                        op_kind_name(op->kind));
}

/* Absolute, no empty, "." or ".." component, not "/" itself. */
static bool target_is_valid(const char *target) {
        if (!target || target[0] != '/' || strlen(target) >= PATH_MAX)
                return false;
        for (const char *p = target; *p;) {
                size_t length = strcspn(++p, "/");

                if (length == 0 || (length == 1 && p[0] == '.') ||
                    (length == 2 && p[0] == '.' && p[1] == '.'))
                        return false;
                p += length;
        }
        return true;
}

static void op_done(MountOp *op) {
        free(op->target);
        free(op->source);
}

int plan_add_op(Plan *plan, const MountOp *op) {
        MountOp copy = *op;
        MountOp *grown;

        if (!target_is_valid(op->target) || plan->n_ops >= OPS_MAX)
                return -EINVAL;
        grown = reallocarray(plan->ops, plan->n_ops + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        plan->ops = grown;
        copy.target = strdup(op->target);
        copy.source = op->source ? strdup(op->source) : NULL;
        if (!copy.target || (op->source && !copy.source)) {
                op_done(&copy);
                return -ENOMEM;
        }
        plan->ops[plan->n_ops++] = copy;
        return 0;
}

Plan *plan_new(uint32_t uid_base) {
        _cleanup_(plan_freep) Plan *plan = NULL;

        if (uid_base == 0 || uid_base > (uint32_t) INT32_MAX - PLAN_IDS)
                return NULL;
        plan = calloc(1, sizeof(*plan));
        if (!plan)
                return NULL;
        plan->uid_base = uid_base;
        if (plan_set_hostname(plan, "pxed") < 0 || plan_set_limit(plan, RLIMIT_CORE, 0) < 0 ||
            plan_set_limit(plan, RLIMIT_NOFILE, DESCRIPTOR_MAX) < 0 ||
            plan_set_limit(plan, RLIMIT_NPROC, PROCESSES_MAX) < 0)
                return NULL;
        return TAKE_PTR(plan);
}

Plan *plan_free(Plan *plan) {
        if (!plan)
                return NULL;
        for (size_t i = 0; i < plan->n_ops; i++)
                op_done(&plan->ops[i]);
        free(plan->ops);
        free(plan->hostname);
        free(plan->network_allow);
        free(plan->keep_fds);
        free(plan->limits);
        free(plan);
        return NULL;
}

int plan_add_bind(Plan *plan, int fd, const char *target, unsigned flags) {
        assert(fd >= 0);
        return plan_add_op(
                        plan,
                        &(MountOp){ .kind = OP_BIND,
                                    .flags = flags | OP_NOSUID | OP_NODEV,
                                    .target = (char *) target,
                                    .source_fd = fd });
}

int plan_add_partition(Plan *plan, const PlanPartition *partition, Failure *reterr) {
        const Filesystem *filesystem = filesystem_find(partition->fstype);
        int r;

        if (!filesystem)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The partition at byte %" PRIu64
                                " of the image holds \"%s\", which cannot be used; the kinds of "
                                "file system that can are %s.",
                                partition->offset_bytes,
                                partition->fstype ? partition->fstype : "no file system",
                                FILESYSTEM_NAMES);
        if (partition->size_bytes == 0 || partition->size_bytes > INT64_MAX ||
            partition->offset_bytes > INT64_MAX - partition->size_bytes)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The partition at byte %" PRIu64
                                " of the image has the impossible size "
                                "%" PRIu64 ".",
                                partition->offset_bytes,
                                partition->size_bytes);

        r = plan_add_op(plan,
                        &(MountOp){ .kind = OP_PARTITION,
                                    .flags = OP_READ_ONLY | OP_NOSUID | OP_NODEV | OP_IDMAPPED,
                                    .target = (char *) partition->target,
                                    .source_fd = partition->image_fd,
                                    .fstype = filesystem->name,
                                    .offset_bytes = partition->offset_bytes,
                                    .size_bytes = partition->size_bytes });
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "Cannot plan the mount at \"%s\"",
                                partition->target);
        return 0;
}

int plan_add_scratch(Plan *plan, int fd, const char *target) {
        return plan_add_op(
                        plan,
                        &(MountOp){ .kind = OP_SCRATCH,
                                    .flags = OP_NOSUID | OP_NODEV | OP_IDMAPPED,
                                    .target = (char *) target,
                                    .source_fd = fd,
                                    .fstype = filesystem_scratch.name });
}

int plan_add_fuse(Plan *plan, int handover_fd) {
        const MountOp ops[] = {
                { .kind = OP_TMPFS,
                  .flags = OP_NOSUID | OP_NOEXEC | OP_OWNED,
                  .target = (char *) FUSE_PLACE,
                  .source_fd = -EBADF,
                  .size_bytes = 64 * 1024,
                  .mode = 0700 },
                { .kind = OP_FUSE, .target = (char *) FUSE_PLACE_DEVICE, .source_fd = -EBADF },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(ops); i++)
                r = plan_add_op(plan, &ops[i]);
        return r < 0 ? r : plan_add_bind(plan, handover_fd, FUSE_PLACE_HANDOVER, OP_READ_ONLY);
}

int plan_add_directory(Plan *plan, const char *target, mode_t mode) {
        return plan_add_op(
                        plan,
                        &(MountOp){ .kind = OP_DIRECTORY,
                                    .target = (char *) target,
                                    .source_fd = -EBADF,
                                    .mode = mode });
}

int plan_add_tmpfs(Plan *plan, const char *target, mode_t mode, uint64_t size_bytes) {
        return plan_add_op(
                        plan,
                        &(MountOp){ .kind = OP_TMPFS,
                                    .flags = OP_NOSUID | OP_NODEV | OP_OWNED,
                                    .target = (char *) target,
                                    .source_fd = -EBADF,
                                    .size_bytes = size_bytes,
                                    .mode = mode });
}

int plan_keep_fd(Plan *plan, int fd) {
        int *grown;

        assert(fd >= 0);
        grown = reallocarray(plan->keep_fds, plan->n_keep_fds + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        plan->keep_fds = grown;
        plan->keep_fds[plan->n_keep_fds++] = fd;
        return 0;
}

int plan_set_limit(Plan *plan, int resource, uint64_t value) {
        PlanLimit *grown;

        for (size_t i = 0; i < plan->n_limits; i++)
                if (plan->limits[i].resource == resource) {
                        plan->limits[i].value = value;
                        return 0;
                }
        grown = reallocarray(plan->limits, plan->n_limits + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        plan->limits = grown;
        plan->limits[plan->n_limits++] = (PlanLimit){ resource, value };
        return 0;
}

int plan_set_hostname(Plan *plan, const char *hostname) {
        const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
        size_t length = strlen(hostname);
        char *copy;

        if (length == 0 || length > 63 || strspn(hostname, allowed) != length)
                return -EINVAL;
        copy = strdup(hostname);
        if (!copy)
                return -ENOMEM;
        free(plan->hostname);
        plan->hostname = copy;
        return 0;
}

int plan_set_network(Plan *plan, const char *allow) {
        _cleanup_free_ Cidr *list = NULL;
        char *copy;
        size_t n;
        int r;

        r = network_guard_read(allow, &list, &n);
        if (r < 0)
                return r;
        copy = n > 0 ? strdup(allow) : NULL;
        if (n > 0 && !copy)
                return -ENOMEM;
        free(plan->network_allow);
        plan->network_allow = copy;
        plan->network = true;
        return 0;
}

static const char *limit_name(int resource) {
        for (size_t i = 0; i < ELEMENTSOF(limit_names); i++)
                if (limit_names[i].resource == resource)
                        return limit_names[i].name;
        return "other";
}

static void op_print(const MountOp *op, FILE *f) {
        fprintf(f, "%s %s", kind_names[op->kind], op->target);
        if (op->kind == OP_FILE)
                fprintf(f, " bytes=%zu", strlen(op->source));
        else if (op->source)
                fprintf(f, " from=%s", op->source);
        if (op->source_fd >= 0)
                fprintf(f, " from=fd");
        if (op->fstype)
                fprintf(f, " type=%s", op->fstype);
        if (op->kind == OP_PARTITION)
                fprintf(f, " offset=%" PRIu64, op->offset_bytes);
        if (op->size_bytes > 0)
                fprintf(f, " size=%" PRIu64, op->size_bytes);
        if (op->mode > 0)
                fprintf(f, " mode=%04o", (unsigned) op->mode);
        for (size_t i = 0; i < ELEMENTSOF(flag_names); i++)
                if (op->flags & flag_names[i].flag)
                        fprintf(f, " %s", flag_names[i].name);
        fputc('\n', f);
}

void plan_print(const Plan *plan, FILE *f) {
        fprintf(f, "ids %" PRIu32 "+%u\n", plan->uid_base, PLAN_IDS);
        fprintf(f, "hostname %s\n", plan->hostname);
        fprintf(f,
                "network %s%s%s\n",
                plan->network ? "yes" : "no",
                plan->network_allow ? " allow=" : "",
                plan->network_allow ? plan->network_allow : "");
        for (size_t i = 0; i < plan->n_limits; i++)
                fprintf(f,
                        "limit %s %" PRIu64 "\n",
                        limit_name(plan->limits[i].resource),
                        plan->limits[i].value);
        for (size_t i = 0; i < plan->n_ops; i++)
                op_print(&plan->ops[i], f);
        fprintf(f, "descriptors %zu\n", plan->n_keep_fds);
}
