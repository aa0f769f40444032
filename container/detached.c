/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Thin names for the mount calls that work on descriptors. */

#include "container/detached.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/cleanup.h"

int detached_clone(int fd, const char *path, bool recursive) {
        unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
        int r = open_tree(fd, path, recursive ? flags | AT_RECURSIVE : flags);

        return r < 0 ? -errno : r;
}

int detached_filesystem(const char *fstype, const DetachedOption *options, uint64_t attributes) {
        _cleanup_close_ int context_fd = -EBADF;
        int r;

        context_fd = fsopen(fstype, FSOPEN_CLOEXEC);
        if (context_fd < 0)
                return -errno;
        for (; options->key; options++)
                if (fsconfig(context_fd, FSCONFIG_SET_STRING, options->key, options->value, 0) < 0)
                        return -errno;
        if (fsconfig(context_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return -errno;
        r = fsmount(context_fd, FSMOUNT_CLOEXEC, (unsigned) attributes);
        return r < 0 ? -errno : r;
}

int detached_set(int mount_fd, uint64_t attributes, int userns_fd) {
        struct mount_attr attr = { .attr_set = attributes };

        if (userns_fd >= 0) {
                attr.attr_set |= MOUNT_ATTR_IDMAP;
                attr.userns_fd = (uint64_t) userns_fd;
        }
        if (mount_setattr(mount_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0)
                return -errno;
        return 0;
}

int detached_attach(int mount_fd, int target_fd) {
        unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

        return move_mount(mount_fd, "", target_fd, "", flags) < 0 ? -errno : 0;
}
