/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Namespaces: new ones, in which a script would have capabilities again, and others' old ones. */

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/escape/escape.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static int try_unshare(const Attempt *attempt) {
        return ANSWER(unshare((int) attempt->numbers[0]));
}

static int try_clone(const Attempt *attempt) {
        long r = syscall(SYS_clone, (unsigned long) attempt->numbers[0] | SIGCHLD, 0, 0, 0, 0);

        if (r == 0)
                _exit(0);
        return ANSWER(r);
}

static int enter(const Attempt *attempt) {
        int fd = open(attempt->text, O_RDONLY | O_CLOEXEC);

        return fd < 0 ? errno : ANSWER(setns(fd, 0));
}

static int enter_by_process(const Attempt *attempt) {
        int fd = (int) syscall(SYS_pidfd_open, getppid(), 0);

        return fd < 0 ? errno : ANSWER(setns(fd, (int) attempt->numbers[0]));
}

static int ask_for_parent(const Attempt *attempt) {
        int fd = open(attempt->text, O_RDONLY | O_CLOEXEC);

        return fd < 0 ? errno : ANSWER(ioctl(fd, NS_GET_PARENT));
}

static const Attempt rows[] = {
        { "unshare_user", try_unshare, EPERM, WORKS, NULL, { CLONE_NEWUSER } },
        { "unshare_mount", try_unshare, EPERM, WORKS, NULL, { CLONE_NEWNS } },
        { "unshare_pid", try_unshare, EPERM, WORKS, NULL, { CLONE_NEWPID } },
        { "unshare_net", try_unshare, EPERM, WORKS, NULL, { CLONE_NEWNET } },
        { "unshare_ipc", try_unshare, EPERM, WORKS, NULL, { CLONE_NEWIPC } },
        { "unshare_uts", try_unshare, EPERM, WORKS, NULL, { CLONE_NEWUTS } },
        { "unshare_cgroup", try_unshare, EPERM, WORKS, NULL, { CLONE_NEWCGROUP } },
        { "unshare_time", try_unshare, EPERM, WORKS, NULL, { CLONE_NEWTIME } },
        { "clone_user", try_clone, EPERM, WORKS, NULL, { CLONE_NEWUSER } },
        { "clone_mount", try_clone, EPERM, WORKS, NULL, { CLONE_NEWNS } },
        { "clone_pid", try_clone, EPERM, WORKS, NULL, { CLONE_NEWPID } },
        { "clone_net", try_clone, EPERM, WORKS, NULL, { CLONE_NEWNET } },
        { "clone_ipc", try_clone, EPERM, WORKS, NULL, { CLONE_NEWIPC } },
        { "clone_uts", try_clone, EPERM, WORKS, NULL, { CLONE_NEWUTS } },
        { "clone_cgroup", try_clone, EPERM, WORKS, NULL, { CLONE_NEWCGROUP } },
        { "clone_user_among_others",
          try_clone,
          EPERM,
          WORKS,
          NULL,
          { CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID } },
        { "clone3", call, ENOSYS, EINVAL, NULL, { SYS_clone3, 0, 0 } },
        { "setns_mount", enter, EPERM, WORKS, "/proc/self/ns/mnt" },
        { "setns_net", enter, EPERM, WORKS, "/proc/self/ns/net" },
        { "setns_pid", enter, EPERM, WORKS, "/proc/self/ns/pid" },
        { "setns_uts", enter, EPERM, WORKS, "/proc/self/ns/uts" },
        { "setns_ipc", enter, EPERM, WORKS, "/proc/self/ns/ipc" },
        { "setns_cgroup", enter, EPERM, WORKS, "/proc/self/ns/cgroup" },
        { "setns_user", enter, EPERM, EINVAL, "/proc/self/ns/user" },
        { "setns_process", enter_by_process, EPERM, WORKS, NULL, { CLONE_NEWNET } },
        { "parent_user_namespace", ask_for_parent, EPERM, UNTRIED, "/proc/self/ns/user" },
        { "parent_pid_namespace", ask_for_parent, EPERM, UNTRIED, "/proc/self/ns/pid" },
};

const Attempts namespace_attempts = ATTEMPTS(rows);
