/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Thin names for the mount calls that work on descriptors. */

#include "container/detached.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "container/namespace.h"

#define READ_ONLY_DATA \
        (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

int detached_clone(int fd, const char *path, bool recursive) {
        unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
        int r = open_tree(fd, path, recursive ? flags | AT_RECURSIVE : flags);

        return r < 0 ? -errno : r;
}

int detached_device(
                const char *device,
                const char *fstype,
                const DetachedOption *options,
                uint64_t attributes) {
        _cleanup_close_ int context_fd = fsopen(fstype, FSOPEN_CLOEXEC);
        int r;

        if (context_fd < 0)
                return -errno;
        if (device && (fsconfig(context_fd, FSCONFIG_SET_STRING, "source", device, 0) < 0 ||
                       ((attributes & MOUNT_ATTR_RDONLY) &&
                        fsconfig(context_fd, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0)))
                return -errno;
        for (; options->key; options++)
                if (fsconfig(context_fd,
                             options->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
                             options->key,
                             options->value,
                             0) < 0)
                        return -errno;
        if (fsconfig(context_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return -errno;
        r = fsmount(context_fd, FSMOUNT_CLOEXEC, (unsigned) attributes);
        return r < 0 ? -errno : r;
}

int detached_filesystem(const char *fstype, const DetachedOption *options, uint64_t attributes) {
        return detached_device(/* device= */ NULL, fstype, options, attributes);
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

int detached_cover(const char *path, const DetachedOption *options, uint64_t attributes) {
        _cleanup_close_ int mount_fd = -EBADF, target_fd = -EBADF;
        int r;

        if (unshare(CLONE_NEWNS) < 0)
                return -errno;
        r = namespace_make_private();
        if (r < 0)
                return r;
        target_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (target_fd < 0)
                return -errno;
        mount_fd = detached_filesystem("tmpfs", options, attributes);
        if (mount_fd < 0)
                return mount_fd;
        r = detached_attach(mount_fd, target_fd);
        /* Once attached, the descriptor of the mount is its root folder. */
        return r < 0 ? r : TAKE_FD(mount_fd);
}

int detached_mask(int target_fd) {
        static const DetachedOption options[] = { { "size", "4k" }, { "mode", "0555" }, {} };
        _cleanup_close_ int cover_fd = -EBADF;
        struct stat st;

        if (fstat(target_fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                cover_fd = detached_filesystem("tmpfs", options, READ_ONLY_DATA);
        else
                cover_fd = detached_clone(AT_FDCWD, "/dev/null", /* recursive= */ false);
        return cover_fd < 0 ? cover_fd : detached_attach(cover_fd, target_fd);
}

int detached_shield(int target_fd, bool recursive) {
        _cleanup_close_ int cover_fd = detached_clone(target_fd, "", recursive);
        int r;

        if (cover_fd < 0)
                return cover_fd;
        r = detached_set(cover_fd, READ_ONLY_DATA, /* userns_fd= */ -EBADF);
        return r < 0 ? r : detached_attach(cover_fd, target_fd);
}
