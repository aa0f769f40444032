/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * For tests/bench/walls, by LD_PRELOAD: takes from a worker its filters, its user namespace, the
 * mapped ids of its mounts and the way in which it gives capabilities up. What is left does the same
 * stages as plain root, which is what the walls are compared with. The programs that the worker runs do
 * not see this library: their environment is a clean one.
 */

#include <dlfcn.h>
#include <sched.h>
#include <seccomp.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* More arguments than a call was given are read, and are not looked at by who gets them. */
PUBLIC long syscall(long number, ...) {
        long (*next)(long, ...) = (long (*)(long, ...)) dlsym(RTLD_NEXT, "syscall");
        long a[6];
        va_list list;

        if (number == SYS_capset)
                return 0;
        va_start(list, number);
        for (int i = 0; i < 6; i++)
                a[i] = va_arg(list, long);
        va_end(list);
        return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

PUBLIC int prctl(int option, ...) {
        int (*next)(int, ...) = (int (*)(int, ...)) dlsym(RTLD_NEXT, "prctl");
        unsigned long a[4];
        va_list list;

        if (option == PR_CAPBSET_DROP)
                return 0;
        va_start(list, option);
        for (int i = 0; i < 4; i++)
                a[i] = va_arg(list, unsigned long);
        va_end(list);
        return next(option, a[0], a[1], a[2], a[3]);
}
