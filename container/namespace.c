/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Children in new namespaces, and moves between roots. What needs the host's privilege for that calls
 * it here with the privilege awake. */

#include "container/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "container/process.h"
#include "container/userns.h"

pid_t namespace_fork(int flags) {
        return (pid_t) syscall(SYS_clone, (unsigned long) flags | SIGCHLD, NULL, NULL, NULL, 0UL);
}

/* The helper enters and forks once more, but a child of the caller's: its own brother. */
static pid_t fork_brother(int userns_fd, int flags) {
        int r = userns_enter(userns_fd);

        if (r < 0)
                return r;
        r = (int) syscall(
                        SYS_clone,
                        (unsigned long) flags | CLONE_PARENT | SIGCHLD,
                        NULL,
                        NULL,
                        NULL,
                        0UL);
        return r < 0 ? -errno : r;
}

pid_t namespace_fork_inside(int userns_fd, int flags) {
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        pid_t helper, pid = -ECHILD;
        int ends[2], status;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        read_fd = ends[0];
        write_fd = ends[1];
        helper = fork();
        if (helper < 0)
                return -errno;
        if (helper == 0) {
                pid = fork_brother(userns_fd, flags);
                if (pid == 0)
                        return 0;
                if (fd_write_all(write_fd, &pid, sizeof(pid)) < 0 && pid > 0)
                        (void) kill(pid, SIGKILL);
                _exit(EXIT_SUCCESS);
        }
        (void) close(TAKE_FD(write_fd));
        if (read(read_fd, &pid, sizeof(pid)) != (ssize_t) sizeof(pid))
                pid = -ECHILD;
        (void) process_wait(helper, &status);
        return pid;
}

int namespace_make_private(void) {
        return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}

int namespace_pivot(int root_fd) {
        /* Both places are the same folder: the old root lands on top of the new one and is taken
         * off again, so that no folder for it is needed. */
        if (fchdir(root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
            umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
                return -errno;
        return 0;
}
