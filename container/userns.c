/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The namespace is made by a short-lived child, so that the process which needs it as a map for mounts
 * stays outside of it as long as it must be real root. Part of the mounter: some hosts let nobody
 * without CAP_SYS_ADMIN make a user namespace, and only with it may one map or enter one that belongs
 * to another id. */

#include "container/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "container/privilege.h"
#include "container/process.h"

static int write_map(pid_t pid, const char *file, uint32_t base, uint32_t count) {
        _cleanup_close_ int fd = -EBADF;
        char path[64], map[64];
        int size;

        (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, file);
        size = snprintf(map, sizeof(map), "0 %u %u\n", base, count);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return write(fd, map, (size_t) size) == size ? 0 : -errno;
}

static int map_and_open(pid_t pid, uint32_t base, uint32_t count) {
        char path[64];
        int r;

        r = write_map(pid, "uid_map", base, count);
        if (r < 0)
                return r;
        r = write_map(pid, "gid_map", base, count);
        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "/proc/%d/ns/user", (int) pid);
        r = open(path, O_RDONLY | O_CLOEXEC);
        return r < 0 ? -errno : r;
}

/* The kernel takes the limits of a namespace from who makes it, but none of processes from root. The
 * owner of the namespace is to be `owner`: so a process of that id outside, which has no other right,
 * can give it its network. The capabilities stay, as some hosts let nobody else make user
 * namespaces. */
static int enter_new_user(uint32_t owner, const PlanLimit *limits, size_t n_limits) {
        int r = process_set_limits(limits, n_limits);

        if (r < 0)
                return r;
        if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0 ||
            setresuid(owner, owner, (uid_t) -1) < 0)
                return -errno;
        (void) privilege_wake();
        return unshare(CLONE_NEWUSER) < 0 ? -errno : 0;
}

int userns_new(uint32_t owner,
               uint32_t base,
               uint32_t count,
               const PlanLimit *limits,
               size_t n_limits) {
        PRIVILEGED;
        _cleanup_close_ int our_end = -EBADF, child_end = -EBADF;
        int ends[2], r;
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        our_end = ends[0];
        child_end = ends[1];

        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                (void) close(TAKE_FD(our_end));
                process_tell_and_live(child_end, enter_new_user(owner, limits, n_limits));
        }
        (void) close(TAKE_FD(child_end));
        r = process_told(our_end);
        if (r == 0)
                r = map_and_open(pid, base, count);
        process_kill(pid);
        return r;
}

int userns_enter(int userns_fd) {
        /* Not to be put to rest again: inside, the same bit is the container's own capability. */
        (void) privilege_wake();
        if (setns(userns_fd, CLONE_NEWUSER) < 0 || setgroups(0, NULL) < 0 ||
            setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
                return -errno;
        return 0;
}
