/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Mounts that hang nowhere yet: made, given their flags and ids, and only then attached to a folder
 * or file that is open already. So nobody ever sees them in a weaker state, and no path is walked
 * twice. (libmount of util-linux 2.38 can do neither; what it can do is in container/mount.h.)
 *
 * Never hand such a descriptor to a process of a user namespace: it could take the flags off again.
 * Only what is attached before the namespace is made is locked.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>

typedef struct DetachedOption {
        const char *key;
        const char *value; /* NULL: a word without a value */
} DetachedOption;

/* A copy of the mount at `path` below `fd`, or of `fd` itself when path is "". Returns a
 * descriptor.
 * Errors: -EINVAL when it lies in another mount namespace; of open_tree(2). */
int detached_clone(int fd, const char *path, bool recursive);

/* A new file system without a device. `options` ends with a NULL key; `attributes` are
 * MOUNT_ATTR_….
 * Returns a descriptor. Errors: of fsopen(2) to fsmount(2). */
int detached_filesystem(const char *fstype, const DetachedOption *options, uint64_t attributes);

/* The same of a block device by its path; with MOUNT_ATTR_RDONLY the file system is read-only, too, not
 * this mount alone. Needs real CAP_SYS_ADMIN. */
int detached_device(
                const char *device,
                const char *fstype,
                const DetachedOption *options,
                uint64_t attributes);

/* Adds MOUNT_ATTR_… flags, and ids when userns_fd is not -EBADF, also to everything below it.
 * Errors: -EINVAL when the file system cannot be idmapped; of mount_setattr(2). */
int detached_set(int mount_fd, uint64_t attributes, int userns_fd);

/* Mounts it on the open folder or file. */
int detached_attach(int mount_fd, int target_fd);

/* Goes into a mount namespace of its own, of which nobody else hears, and mounts a new tmpfs there over the
 * folder `path`. Returns a descriptor of it. Needs real CAP_SYS_ADMIN. Errors: of unshare(2), mount(2),
 * open(2) and as above. */
int detached_cover(const char *path, const DetachedOption *options, uint64_t attributes);

/* Hides the open folder or file behind an empty one that cannot be written to. Errors: as above. */
int detached_mask(int target_fd);

/* Makes the open folder or file read-only in place, for data only: no setuid, no devices, no
 * programs; with everything mounted below it when `recursive`. Errors: as above. */
int detached_shield(int target_fd, bool recursive);
