/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One loop over the ops. Sources are taken as detached mounts before the namespace changes, because
 * the kernel binds nothing across mount namespaces, and before the staging folder hides anything.
 * Folders, files and links need no privilege; what does is in execute-mount.c. */

#include "container/execute.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/major.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "container/execute-mount.h"

#define FUSE_MINOR 229u /* of MISC_MAJOR */

typedef int (*OpFunction)(const Execution *execution, const MountOp *op, int mount_fd);

int execute_open_target(const Execution *execution, const MountOp *op) {
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

int execute_make_folder(const Execution *execution, const MountOp *op) {
        return fs_mkdir_beneath(
                        execution->root_fd,
                        op->target + 1,
                        op->kind == OP_DIRECTORY ? op->mode : 0755);
}

int execute_make_file(
                const Execution *execution,
                const MountOp *op,
                const char *text,
                mode_t mode) {
        _cleanup_close_ int parent_fd = -EBADF, fd = -EBADF;

        parent_fd = open_parent(execution, op);
        if (parent_fd < 0)
                return parent_fd;
        fd = openat(parent_fd, op_name(op), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);
        if (fd < 0)
                return -errno;
        return fd_write_all(fd, text, strlen(text));
}

static int do_directory(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        return execute_make_folder(execution, op);
}

static int do_symlink(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        _cleanup_close_ int parent_fd = open_parent(execution, op);

        if (parent_fd < 0)
                return parent_fd;
        return symlinkat(op->source, parent_fd, op_name(op)) < 0 ? -errno : 0;
}

static int do_file(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        return execute_make_file(execution, op, op->source, op->mode);
}

/* By number: on most hosts everybody may open the node, on some only root, and root's node would not
 * be the container's. */
static int do_fuse(const Execution *execution, const MountOp *op, int mount_fd _unused_) {
        const uid_t owner = execution->plan->uid_base;
        _cleanup_close_ int parent_fd = open_parent(execution, op);

        if (parent_fd < 0)
                return parent_fd;
        if (mknodat(parent_fd, op_name(op), S_IFCHR | 0600, makedev(MISC_MAJOR, FUSE_MINOR)) < 0 ||
            fchownat(parent_fd, op_name(op), owner, owner, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return 0;
}

static const OpFunction functions[_OP_KIND_MAX] = {
        [OP_DIRECTORY] = do_directory, [OP_SYMLINK] = do_symlink,      [OP_FILE] = do_file,
        [OP_TMPFS] = execute_mount,    [OP_PROC] = execute_mount,      [OP_DEVPTS] = execute_mount,
        [OP_BIND] = execute_mount,     [OP_PARTITION] = execute_mount, [OP_SCRATCH] = execute_mount,
        [OP_FUSE] = do_fuse,           [OP_MASK] = execute_mount,      [OP_SHIELD] = execute_mount,
};

int execute_collect(const Plan *plan, int *ret_mount_fds, Failure *reterr) {
        for (size_t i = 0; i < plan->n_ops; i++) {
                const MountOp *op = &plan->ops[i];

                ret_mount_fds[i] = -EBADF;
                if (op->kind != OP_BIND)
                        continue;
                ret_mount_fds[i] = execute_mount_collect(op);
                if (ret_mount_fds[i] == -ENOENT && (op->flags & OP_OPTIONAL))
                        continue;
                if (ret_mount_fds[i] < 0)
                        return op_failure(op, ret_mount_fds[i], reterr);
        }
        return 0;
}

int execute_plan(const Plan *plan, int *mount_fds, int userns_fd, Failure *reterr) {
        _cleanup_close_ int root_fd = -EBADF;
        Execution execution = { .plan = plan, .userns_fd = userns_fd };
        int r;

        root_fd = execute_mount_root();
        if (root_fd < 0)
                return failure_set_errno(reterr, root_fd, "Cannot make the container's root");
        execution.root_fd = root_fd;
        for (size_t i = 0; i < plan->n_ops; i++) {
                r = functions[plan->ops[i].kind](&execution, &plan->ops[i], mount_fds[i]);
                if (r < 0)
                        return op_failure(&plan->ops[i], r, reterr);
                if (mount_fds[i] >= 0)
                        (void) close(TAKE_FD(mount_fds[i]));
        }
        r = execute_mount_enter(&execution);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot enter the container's root");
        return 0;
}
