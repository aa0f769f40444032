/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The mount calls of a plan, and nothing else of it: one function for each kind of op that mounts. They
 * get descriptors, numbers and texts out of tables; the bytes of an image are the kernel driver's. */

#include "container/execute-mount.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>

#include "container/detached.h"
#include "container/execute.h"
#include "container/filesystem.h"
#include "container/loop.h"
#include "container/namespace.h"
#include "container/privilege.h"

#define TTY_GROUP 5u

typedef int (*OpFunction)(const Execution *execution, const MountOp *op, int mount_fd);

static const struct {
        unsigned flag;
        uint64_t attribute;
} attributes[] = {
        { OP_READ_ONLY, MOUNT_ATTR_RDONLY },
        { OP_NOSUID, MOUNT_ATTR_NOSUID },
        { OP_NODEV, MOUNT_ATTR_NODEV },
        { OP_NOEXEC, MOUNT_ATTR_NOEXEC },
};

static const DetachedOption no_options[] = { {} };

static uint64_t op_attributes(const MountOp *op) {
        uint64_t set = 0;

        for (size_t i = 0; i < ELEMENTSOF(attributes); i++)
                if (op->flags & attributes[i].flag)
                        set |= attributes[i].attribute;
        return set;
}

static int attach(const Execution *execution, const MountOp *op, int mount_fd) {
        _cleanup_close_ int target_fd = execute_open_target(execution, op);

        if (target_fd < 0)
                return target_fd;
        return detached_attach(mount_fd, target_fd);
}

static int attach_filesystem(
                const Execution *execution,
                const MountOp *op,
                const char *fstype,
                const DetachedOption *options) {
        _cleanup_close_ int mount_fd = -EBADF;
        int r;

        r = execute_make_folder(execution, op);
        if (r < 0)
                return r;
        mount_fd = detached_filesystem(fstype, options, op_attributes(op));
        if (mount_fd < 0)
                return mount_fd;
        return attach(execution, op, mount_fd);
}

static int do_tmpfs(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        char size[24], mode[8], owner[16];
        DetachedOption options[] = {
                { "size", size }, { "mode", mode }, { "uid", owner }, { "gid", owner }, {},
        };

        (void) snprintf(size, sizeof(size), "%llu", (unsigned long long) op->size_bytes);
        (void) snprintf(mode, sizeof(mode), "%04o", (unsigned) op->mode);
        (void) snprintf(owner,
                        sizeof(owner),
                        "%u",
                        op->flags & OP_OWNED ? execution->plan->uid_base : 0u);
        return attach_filesystem(execution, op, "tmpfs", options);
}

static int do_proc(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        return attach_filesystem(execution, op, "proc", no_options);
}

static int do_devpts(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        char group[16];
        const DetachedOption options[] = {
                { "mode", "0620" },
                { "ptmxmode", "0666" },
                { "gid", group },
                {},
        };

        (void) snprintf(group, sizeof(group), "%u", execution->plan->uid_base + TTY_GROUP);
        return attach_filesystem(execution, op, "devpts", options);
}

static int do_bind(const Execution *execution, const MountOp *op, int mount_fd) {
        struct stat st;
        int r;

        if (mount_fd < 0)
                return 0; /* optional and not there */
        if (fstat(mount_fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                r = execute_make_folder(execution, op);
        else
                r = execute_make_file(execution, op, "", 0644);
        if (r < 0)
                return r;
        r = detached_set(
                        mount_fd,
                        op_attributes(op),
                        op->flags & OP_IDMAPPED ? execution->userns_fd : -EBADF);
        if (r < 0)
                return r == -EINVAL && (op->flags & OP_IDMAPPED) ? -EOPNOTSUPP : r;
        return attach(execution, op, mount_fd);
}

static int mount_loop(
                const Execution *execution,
                const MountOp *op,
                const Filesystem *filesystem,
                LoopMode mode) {
        _cleanup_(loop_done) Loop loop = LOOP_INIT;
        _cleanup_close_ int mounted_fd = -EBADF;
        int r;

        r = execute_make_folder(execution, op);
        if (r < 0)
                return r;
        r = loop_attach(op->source_fd, op->offset_bytes, op->size_bytes, mode, &loop);
        if (r < 0)
                return r;
        mounted_fd = detached_device(
                        loop.path,
                        filesystem->driver,
                        filesystem->options,
                        op_attributes(op));
        if (mounted_fd < 0)
                return mounted_fd;
        r = detached_set(mounted_fd, /* attributes= */ 0, execution->userns_fd);
        if (r < 0)
                return r == -EINVAL ? -EOPNOTSUPP : r;
        /* From here on the mount alone keeps the device. */
        return attach(execution, op, mounted_fd);
}

static int do_partition(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        return mount_loop(execution, op, filesystem_find(op->fstype), LOOP_READ_ONLY);
}

static int do_scratch(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        return mount_loop(execution, op, &filesystem_scratch, LOOP_WRITABLE);
}

static int do_mask(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        _cleanup_close_ int target_fd = execute_open_target(execution, op);

        if (target_fd == -ENOENT)
                return 0;
        return target_fd < 0 ? target_fd : detached_mask(target_fd);
}

static int do_shield(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        _cleanup_close_ int target_fd = execute_open_target(execution, op);

        if (target_fd == -ENOENT)
                return 0;
        return target_fd < 0 ? target_fd : detached_shield(target_fd, /* recursive= */ true);
}

static const OpFunction functions[_OP_KIND_MAX] = {
        [OP_TMPFS] = do_tmpfs, [OP_PROC] = do_proc,           [OP_DEVPTS] = do_devpts,
        [OP_BIND] = do_bind,   [OP_PARTITION] = do_partition, [OP_SCRATCH] = do_scratch,
        [OP_MASK] = do_mask,   [OP_SHIELD] = do_shield,
};

int execute_mount(const Execution *execution, const MountOp *op, int mount_fd) {
        PRIVILEGED;

        return functions[op->kind](execution, op, mount_fd);
}

int execute_mount_collect(const MountOp *op) {
        PRIVILEGED;

        return detached_clone(
                        op->source_fd >= 0 ? op->source_fd : AT_FDCWD,
                        op->source ? op->source : "",
                        op->flags & OP_RECURSIVE);
}

int execute_mount_root(void) {
        static const DetachedOption options[] = { { "size", "1m" }, { "mode", "0755" }, {} };
        PRIVILEGED;

        return detached_cover(EXECUTE_STAGING, options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

int execute_mount_enter(const Execution *execution) {
        struct mount_attr sealed = { .attr_set = MOUNT_ATTR_RDONLY };
        PRIVILEGED;
        int r;

        r = namespace_pivot(execution->root_fd);
        if (r < 0)
                return r;
        return mount_setattr(AT_FDCWD, "/", 0, &sealed, sizeof(sealed)) < 0 ? -errno : 0;
}

int execute_mount_try_ids(int folder_fd, int userns_fd) {
        PRIVILEGED;
        _cleanup_close_ int mount_fd = -EBADF;

        if (folder_fd >= 0)
                mount_fd = detached_clone(folder_fd, "", /* recursive= */ false);
        else
                mount_fd = detached_filesystem("tmpfs", no_options, MOUNT_ATTR_NOSUID);
        return mount_fd < 0 ? mount_fd : detached_set(mount_fd, MOUNT_ATTR_NOSUID, userns_fd);
}

int execute_mount_remove(const char *path) {
        PRIVILEGED;

        return umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 ? -errno : 0;
}
