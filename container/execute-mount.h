/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the executor of a plan and its mount calls share. Not for users of the room. */

#include <sys/types.h>

#include "container/plan-op.h"

typedef struct Execution {
        const Plan *plan;
        int root_fd;   /* of the container, while it is put together */
        int userns_fd; /* maps the ids of idmapped mounts */
} Execution;

/* Places in the new root, whose ops are all of a plan. A folder or file that is there already is taken as
 * it is; folders above are made. */
int execute_open_target(const Execution *execution, const MountOp *op);
int execute_make_folder(const Execution *execution, const MountOp *op);
int execute_make_file(const Execution *execution, const MountOp *op, const char *text, mode_t mode);

/* ---- execute-mount.c: part of the mounter (container/privilege.h) ---- */

/* Makes a private mount namespace of the caller's own and in it an empty root. Returns its descriptor. */
int execute_mount_root(void);

/* Hangs a file system of that kind of op in its place. `mount_fd` is what was collected for it, or
 * -EBADF. Errors: -EOPNOTSUPP when a file system cannot map ids; of the mount calls. */
int execute_mount(const Execution *execution, const MountOp *op, int mount_fd);

/* Takes hold of what a bind shows, in the mount namespace of the caller. Returns a descriptor. */
int execute_mount_collect(const MountOp *op);

/* Moves into the root, and seals it. */
int execute_mount_enter(const Execution *execution);

/* Whether the file system of this folder (-EBADF: one in memory) can map ids; nothing stays. Errors:
 * -EINVAL when it cannot; of the mount calls. */
int execute_mount_try_ids(int folder_fd, int userns_fd);

/* Takes a mount off, lazily, not following a link. For what a dead worker left. Errors: of umount(2). */
int execute_mount_remove(const char *path);
