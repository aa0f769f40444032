/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * For tests/bench/walls, by LD_PRELOAD: takes from a worker its filters, its user namespace and the
 * mapped ids of its mounts. What is left does the same stages as plain root, which is what the walls
 * are compared with. The programs that the worker runs do not see this library: their environment
 * is a clean one.
 */

#include <dlfcn.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mount.h>

#define PUBLIC __attribute__((visibility("default")))

PUBLIC int seccomp_load(const scmp_filter_ctx filter) {
        (void) filter;
        return 0;
}

PUBLIC int setns(int fd, int kind) {
        int (*next)(int, int) = (int (*)(int, int)) dlsym(RTLD_NEXT, "setns");

        return kind == CLONE_NEWUSER ? 0 : next(fd, kind);
}

PUBLIC int mount_setattr(
                int fd,
                const char *path,
                unsigned flags,
                struct mount_attr *attributes,
                size_t size) {
        int (*next)(int,
                    const char *,
                    unsigned,
                    struct mount_attr *,
                    size_t) = (int (*)(int, const char *, unsigned, struct mount_attr *, size_t))
                        dlsym(RTLD_NEXT, "mount_setattr");
        struct mount_attr plain = *attributes;

        plain.attr_set &= ~(unsigned long long) MOUNT_ATTR_IDMAP;
        plain.userns_fd = 0;
        return next(fd, path, flags, &plain, size);
}
