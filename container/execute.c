/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One function per kind of op and one loop. Sources are taken as detached mounts before the
 * namespace changes, because the kernel binds nothing across mount namespaces, and before the
 * staging folder hides anything. */

#include "container/execute.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "container/detached.h"
#include "container/filesystem.h"
#include "container/loop.h"
#include "container/mount.h"
#include "container/namespace.h"
#include "container/plan-op.h"

#define TTY_GROUP 5u

typedef struct Execution {
        const Plan *plan;
        int root_fd;
        int userns_fd;
} Execution;

typedef int (*OpFunction)(const Execution *execution, const MountOp *op, int *mount_fd);

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

static int open_target(const Execution *execution, const MountOp *op) {
        return fd_open_beneath(execution->root_fd, op->target + 1, O_PATH | O_CLOEXEC, 0);
}

/* Opens the folder above the target, making what is missing. */
static int open_parent(const Execution *execution, const MountOp *op) {
        char path[PATH_MAX];
        const char *parent;
        int r;

        (void) snprintf(path, sizeof(path), "%s", op->target);
        parent = dirname(path);
        if (str_equal(parent, "/"))
                return fd_open_beneath(execution->root_fd, ".", O_PATH | O_CLOEXEC, 0);
        r = fs_mkdir_beneath(execution->root_fd, parent + 1, 0755);
        if (r < 0)
                return r;
        return fd_open_beneath(execution->root_fd, parent + 1, O_PATH | O_CLOEXEC, 0);
}

static const char *op_name(const MountOp *op) {
        return strrchr(op->target, '/') + 1;
}

static int make_folder(const Execution *execution, const MountOp *op) {
        return fs_mkdir_beneath(
                        execution->root_fd,
                        op->target + 1,
                        op->kind == OP_DIRECTORY ? op->mode : 0755);
}

static int make_file(const Execution *execution, const MountOp *op, const char *text, mode_t mode) {
        _cleanup_close_ int parent_fd = -EBADF, fd = -EBADF;

        parent_fd = open_parent(execution, op);
        if (parent_fd < 0)
                return parent_fd;
        fd = openat(parent_fd, op_name(op), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);
        if (fd < 0)
                return -errno;
        return fd_write_all(fd, text, strlen(text));
}

static int attach(const Execution *execution, const MountOp *op, int mount_fd) {
        _cleanup_close_ int target_fd = open_target(execution, op);

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

        r = make_folder(execution, op);
        if (r < 0)
                return r;
        mount_fd = detached_filesystem(fstype, options, op_attributes(op));
        if (mount_fd < 0)
                return mount_fd;
        return attach(execution, op, mount_fd);
}

static int do_directory(const Execution *execution, const MountOp *op, int *mount_fd _unused_) {
        return make_folder(execution, op);
}

static int do_symlink(const Execution *execution, const MountOp *op, int *mount_fd _unused_) {
        _cleanup_close_ int parent_fd = open_parent(execution, op);

        if (parent_fd < 0)
                return parent_fd;
        return symlinkat(op->source, parent_fd, op_name(op)) < 0 ? -errno : 0;
}

static int do_file(const Execution *execution, const MountOp *op, int *mount_fd _unused_) {
        return make_file(execution, op, op->source, op->mode);
}

static int do_tmpfs(const Execution *execution, const MountOp *op, int *mount_fd _unused_) {
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

static int do_proc(const Execution *execution, const MountOp *op, int *mount_fd _unused_) {
        return attach_filesystem(execution, op, "proc", no_options);
}

static int do_devpts(const Execution *execution, const MountOp *op, int *mount_fd _unused_) {
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

static int do_bind(const Execution *execution, const MountOp *op, int *mount_fd) {
        struct stat st;
        int r;

        if (*mount_fd < 0)
                return 0; /* optional and not there */
        if (fstat(*mount_fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                r = make_folder(execution, op);
        else
                r = make_file(execution, op, "", 0644);
        if (r < 0)
                return r;
        r = detached_set(
                        *mount_fd,
                        op_attributes(op),
                        op->flags & OP_IDMAPPED ? execution->userns_fd : -EBADF);
        if (r < 0)
                return r == -EINVAL && (op->flags & OP_IDMAPPED) ? -EOPNOTSUPP : r;
        return attach(execution, op, *mount_fd);
}

/* libmount mounts by path and knows no ids; so what it mounted is taken up as a detached mount,
 * given its ids, and put back. Nobody else lives in this mount namespace meanwhile. */
static int remap(const Execution *execution, const MountOp *op, const char *path) {
        _cleanup_close_ int mount_fd = -EBADF;
        int r;

        mount_fd = detached_clone(AT_FDCWD, path, /* recursive= */ false);
        if (mount_fd < 0)
                return mount_fd;
        if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
                return -errno;
        r = detached_set(mount_fd, op_attributes(op), execution->userns_fd);
        if (r < 0)
                return r == -EINVAL ? -EOPNOTSUPP : r;
        return attach(execution, op, mount_fd);
}

static int do_partition(const Execution *execution, const MountOp *op, int *mount_fd _unused_) {
        const Filesystem *filesystem = filesystem_find(op->fstype);
        _cleanup_(loop_done) Loop loop = LOOP_INIT;
        _cleanup_free_ char *path = NULL;
        int r;

        path = str_printf("%s%s", EXECUTE_STAGING, op->target);
        if (!path)
                return -ENOMEM;
        r = make_folder(execution, op);
        if (r < 0)
                return r;
        r = loop_attach(op->source_fd, op->offset_bytes, op->size_bytes, &loop);
        if (r < 0)
                return r;
        r = device_mount(
                        loop.path,
                        path,
                        filesystem->driver,
                        filesystem->options,
                        /* reterr= */ NULL);
        if (r < 0)
                return r;
        /* From here on the mount alone keeps the device. */
        loop_done(&loop);
        return remap(execution, op, path);
}

static int do_mask(const Execution *execution, const MountOp *op, int *mount_fd _unused_) {
        _cleanup_close_ int target_fd = open_target(execution, op);

        if (target_fd == -ENOENT)
                return 0;
        return target_fd < 0 ? target_fd : detached_mask(target_fd);
}

static int do_shield(const Execution *execution, const MountOp *op, int *mount_fd _unused_) {
        _cleanup_close_ int target_fd = open_target(execution, op);

        if (target_fd == -ENOENT)
                return 0;
        return target_fd < 0 ? target_fd : detached_shield(target_fd, /* recursive= */ true);
}

static const OpFunction functions[_OP_KIND_MAX] = {
        [OP_DIRECTORY] = do_directory, [OP_SYMLINK] = do_symlink,     [OP_FILE] = do_file,
        [OP_TMPFS] = do_tmpfs,         [OP_PROC] = do_proc,           [OP_DEVPTS] = do_devpts,
        [OP_BIND] = do_bind,           [OP_PARTITION] = do_partition, [OP_MASK] = do_mask,
        [OP_SHIELD] = do_shield,
};

static int op_failure(const MountOp *op, int error, Failure *reterr) {
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
                                "Cannot mount the %s file system at byte %llu of the image; it may be "
                                "may be damaged, or this kernel has no driver for it",
                                op->fstype,
                                (unsigned long long) op->offset_bytes);
        return failure_set_errno(
                        reterr,
                        error,
                        "Cannot set up \"%s\" (%s) in the container",
                        op->target,
                        op_kind_name(op->kind));
}

int execute_collect(const Plan *plan, int *ret_mount_fds, Failure *reterr) {
        for (size_t i = 0; i < plan->n_ops; i++) {
                const MountOp *op = &plan->ops[i];
                int fd = op->source_fd >= 0 ? op->source_fd : AT_FDCWD;

                ret_mount_fds[i] = -EBADF;
                if (op->kind != OP_BIND)
                        continue;
                ret_mount_fds[i] = detached_clone(
                                fd,
                                op->source ? op->source : "",
                                op->flags & OP_RECURSIVE);
                if (ret_mount_fds[i] == -ENOENT && (op->flags & OP_OPTIONAL))
                        continue;
                if (ret_mount_fds[i] < 0)
                        return op_failure(op, ret_mount_fds[i], reterr);
        }
        return 0;
}

static int make_root(void) {
        const DetachedOption options[] = { { "size", "1m" }, { "mode", "0755" }, {} };
        _cleanup_close_ int mount_fd = -EBADF, staging_fd = -EBADF;
        int r;

        mount_fd = detached_filesystem("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        if (mount_fd < 0)
                return mount_fd;
        staging_fd = open(EXECUTE_STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (staging_fd < 0)
                return -errno;
        r = detached_attach(mount_fd, staging_fd);
        if (r < 0)
                return r;
        /* Once attached, the descriptor of the mount is its root folder. */
        return TAKE_FD(mount_fd);
}

static int enter_root(int root_fd) {
        struct mount_attr sealed = { .attr_set = MOUNT_ATTR_RDONLY };
        int r;

        r = namespace_pivot(root_fd);
        if (r < 0)
                return r;
        return mount_setattr(AT_FDCWD, "/", 0, &sealed, sizeof(sealed)) < 0 ? -errno : 0;
}

int execute_plan(const Plan *plan, int *mount_fds, int userns_fd, Failure *reterr) {
        _cleanup_close_ int root_fd = -EBADF;
        Execution execution = { .plan = plan, .userns_fd = userns_fd };
        int r;

        root_fd = make_root();
        if (root_fd < 0)
                return failure_set_errno(reterr, root_fd, "Cannot make the container's root");
        execution.root_fd = root_fd;
        for (size_t i = 0; i < plan->n_ops; i++) {
                r = functions[plan->ops[i].kind](&execution, &plan->ops[i], &mount_fds[i]);
                if (r < 0)
                        return op_failure(&plan->ops[i], r, reterr);
                if (mount_fds[i] >= 0)
                        (void) close(TAKE_FD(mount_fds[i]));
        }
        r = enter_root(root_fd);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot enter the container's root");
        return 0;
}
