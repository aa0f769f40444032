/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A group goes when nobody is in it any more, and who is killed is not gone at once: so it is tried again and
 * again, for a while. Kernels without cgroup.kill are told member by member.
 */

#include "container/cgroup-sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "common/fs.h"
#include "common/strings.h"
#include "container/cgroup-base.h"
#include "container/process.h"

/* For what was killed to be gone. */
#define REMOVE_ROUNDS_MAX 400u
#define REMOVE_ROUND_NSEC 5000000L

/* Whether it is (still) the process that was meant: its number may be another's by now. */
static bool is_member(const char *pid, const char *name) {
        _cleanup_free_ char *path = str_printf("/proc/%s/cgroup", pid);
        _cleanup_fclose_ FILE *f = path ? fopen(path, "re") : NULL;
        char line[8192];

        while (f && fgets(line, sizeof(line), f)) {
                const char *at = strstr(line, name);

                if (at && at > line && at[-1] == '/' && strchr("/\n", at[strlen(name)]))
                        return true;
        }
        return false;
}

/* Returns how many there were. */
static unsigned kill_listed(int group_fd, const char *name) {
        _cleanup_close_ int fd = openat(group_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
        _cleanup_fclose_ FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
        unsigned n = 0;
        uint64_t number;
        char pid[32];

        if (f)
                (void) TAKE_FD(fd);
        for (; f && fgets(pid, sizeof(pid), f); n++) {
                _cleanup_close_ int pid_fd = -EBADF;

                pid[strcspn(pid, "\n")] = '\0';
                if (str_to_u64(pid, INT32_MAX, &number) < 0 || number == 0)
                        continue;
                pid_fd = process_open((pid_t) number);
                if (pid_fd >= 0 && is_member(pid, name))
                        (void) syscall(SYS_pidfd_send_signal, pid_fd, SIGKILL, NULL, 0);
        }
        return n;
}

/* In version 1 nobody new comes meanwhile, where the number is limited. */
static void kill_members(int group_fd, const char *name) {
        static const char *const below[] = { CGROUP_OUTER, CGROUP_INNER };

        if (cgroup_write(group_fd, "cgroup.kill", "1") >= 0)
                return;
        (void) cgroup_write(group_fd, "pids.max", "0");
        (void) kill_listed(group_fd, name);
        for (size_t i = 0; i < ELEMENTSOF(below); i++) {
                _cleanup_close_ int fd = cgroup_open_folder(group_fd, below[i]);

                if (fd >= 0)
                        (void) kill_listed(fd, name);
        }
}

int cgroup_remove(int folder_fd, const char *name) {
        const struct timespec pause = { .tv_nsec = REMOVE_ROUND_NSEC };
        _cleanup_close_ int group_fd = cgroup_open_folder(folder_fd, name);

        if (group_fd < 0)
                return group_fd == -ENOENT ? 0 : group_fd;
        for (unsigned i = 0; i < REMOVE_ROUNDS_MAX; i++) {
                (void) unlinkat(group_fd, CGROUP_OUTER, AT_REMOVEDIR);
                (void) unlinkat(group_fd, CGROUP_INNER, AT_REMOVEDIR);
                if (unlinkat(folder_fd, name, AT_REMOVEDIR) >= 0 || errno == ENOENT)
                        return 0;
                if (errno != EBUSY && errno != ENOTEMPTY)
                        return -errno;
                kill_members(group_fd, name);
                (void) nanosleep(&pause, /* rem= */ NULL);
        }
        return -EBUSY;
}

static bool name_matches(const char *name, const char *wanted) {
        return str_has_suffix(wanted, "-") ? str_after_prefix(name, wanted) != NULL
                                           : str_equal(name, wanted);
}

static int sweep_folder(int folder_fd, const char *wanted, int *n_removed) {
        _cleanup_closedir_ DIR *d = fs_opendir(cgroup_open_folder(folder_fd, "."));
        int result = 0;

        if (!d)
                return -errno;
        for (struct dirent *e = fs_readdir(d); e; e = fs_readdir(d)) {
                if (e->d_type != DT_DIR || !name_matches(e->d_name, wanted))
                        continue;
                if (cgroup_remove(folder_fd, e->d_name) < 0)
                        result = -EBUSY;
                else
                        (*n_removed)++;
        }
        return result;
}

int cgroup_sweep(const char *name) {
        _cleanup_(cgroup_base_done) CgroupBase base;
        int n_removed = 0, result = 0;

        cgroup_base_open(&base);
        for (size_t i = 0; i < _HIERARCHY_MAX; i++)
                if (base.folder_fds[i] >= 0 &&
                    sweep_folder(base.folder_fds[i], name, &n_removed) < 0)
                        result = -EBUSY;
        return result < 0 ? result : n_removed;
}
