/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Only the effective set changes hands. Whoever could run code of their own in a resting worker could
 * wake the privilege, too: what this gives is that a mistake elsewhere does not meet it. The wall
 * against hostile bytes are the processes that never had it. */

#include "container/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container/capability-sets.h"

#define PRIVILEGE CAPABILITY(CAP_SYS_ADMIN)

int privilege_rest(void) {
        int r = capability_limit(CAPABILITIES_WORKER);

        return r < 0 ? r : capability_set_effective(PRIVILEGE, /* on= */ false);
}

int privilege_drop(void) {
        return capability_limit(CAPABILITIES_WORKER & ~PRIVILEGE);
}

Privilege privilege_wake(void) {
        return (Privilege){ .woken = capability_set_effective(PRIVILEGE, /* on= */ true) > 0 };
}

/* One that cannot be put to rest again must not go on. */
void privilege_sleep(Privilege *privilege) {
        if (privilege->woken && capability_set_effective(PRIVILEGE, /* on= */ false) < 0)
                _exit(EXIT_FAILURE);
}

pid_t privilege_fork(int flags) {
        PRIVILEGED;

        return (pid_t) syscall(SYS_clone, (unsigned long) flags | SIGCHLD, NULL, NULL, NULL, 0UL);
}

int privilege_bpf(int command, union bpf_attr *attributes, unsigned size) {
        PRIVILEGED;
        int r = (int) syscall(SYS_bpf, command, attributes, size);

        return r < 0 ? -errno : r;
}

int privilege_write(int folder_fd, const char *file, const char *text) {
        PRIVILEGED;
        _cleanup_close_ int fd = openat(folder_fd, file, O_WRONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}
