/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Starting a program. Descriptors are first lifted above the numbers that the program expects, so
 * that moving one into place cannot overwrite another.
 */

#include "service/spawn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/strings.h"

/* Handed on where they are set: they steer a developer's build only. */
static const char *const passed_variables[] = { "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS" };

int spawn_pipe(int *ret_read_fd, int *ret_write_fd) {
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        *ret_read_fd = fds[0];
        *ret_write_fd = fds[1];
        return 0;
}

static int make_environment(char ***ret) {
        _cleanup_strv_ char **environment = NULL;
        int r = strv_append(&environment, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");

        if (r >= 0)
                r = strv_append(&environment, "LANG=C.UTF-8");
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(passed_variables); i++) {
                const char *name = passed_variables[i], *value = getenv(name);

                if (value)
                        r = strv_append_take(&environment, str_printf("%s=%s", name, value));
        }
        if (r < 0)
                return r;
        *ret = TAKE_PTR(environment);
        return 0;
}

/* ---- in the new process ---- */

static int set_signals(void) {
        sigset_t empty;

        (void) sigemptyset(&empty);
        for (int signal_number = 1; signal_number < NSIG; signal_number++)
                (void) signal(signal_number, SIG_DFL); /* two cannot be, and need not */
        return sigprocmask(SIG_SETMASK, &empty, /* oldset= */ NULL) < 0 ? -errno : 0;
}

/* Leaves what the program gets, and `report_fd`, which the exec closes. */
static int place_fds(const int *lifted, size_t n_fds, int report_fd) {
        for (int fd = 0; (size_t) fd < n_fds; fd++)
                if (lifted[fd] >= 0) {
                        if (dup2(lifted[fd], fd) < 0)
                                return -errno;
                } else {
                        (void) close(fd);
                        if (fd <= STDERR_FILENO && open("/dev/null", O_RDWR) < 0)
                                return -errno;
                }
        if (syscall(SYS_close_range, n_fds, report_fd - 1, 0) < 0 ||
            syscall(SYS_close_range, report_fd + 1, ~0U, 0) < 0)
                return -errno;
        return 0;
}

static _Noreturn void run_program(
                const char *path,
                char *const *argv,
                char *const *environment,
                const int *lifted,
                size_t n_fds,
                int report_fd) {
        int r = setpgid(0, 0) < 0 ? -errno : set_signals();

        if (r >= 0)
                r = place_fds(lifted, n_fds, report_fd);
        if (r >= 0) {
                (void) execve(path, argv, environment);
                r = -errno;
        }
        if (write(report_fd, &r, sizeof(r)) < 0)
                _exit(EXIT_FAILURE + 1);
        _exit(EXIT_FAILURE);
}

/* ---- outside ---- */

/* The exec closes the pipe; what comes out of it is why there was none. */
static int wait_for_exec(int report_fd) {
        int why = 0;
        ssize_t n;

        do
                n = read(report_fd, &why, sizeof(why));
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        return n == sizeof(why) ? why : 0;
}

static int spawn_lifted(
                const char *path,
                char *const *argv,
                const int *lifted,
                size_t n_fds,
                pid_t *ret_pid) {
        _cleanup_strv_ char **environment = NULL;
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF, report_fd = -EBADF;
        int r = make_environment(&environment);
        long pid;

        if (r >= 0)
                r = spawn_pipe(&read_fd, &write_fd);
        if (r < 0)
                return r;
        report_fd = fcntl(write_fd, F_DUPFD_CLOEXEC, 2 * SPAWN_FDS_MAX);
        if (report_fd < 0)
                return -errno;
        (void) close(TAKE_FD(write_fd));
        /* As fork(), but for the parent: the C library has no call for that. */
        pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid < 0)
                return -errno;
        if (pid == 0)
                run_program(path, argv, environment, lifted, n_fds, report_fd);
        *ret_pid = (pid_t) pid;
        (void) close(TAKE_FD(report_fd));
        return wait_for_exec(read_fd);
}

int spawn_sibling(
                const char *path,
                char *const *argv,
                const int *fds,
                size_t n_fds,
                pid_t *ret_pid) {
        int lifted[SPAWN_FDS_MAX], r = 0;

        assert(path && argv && fds && n_fds > STDERR_FILENO && n_fds <= SPAWN_FDS_MAX && ret_pid);

        *ret_pid = 0;
        for (size_t i = 0; i < n_fds; i++)
                lifted[i] = -EBADF;
        for (size_t i = 0; r >= 0 && i < n_fds; i++)
                if (fds[i] >= 0) {
                        lifted[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, SPAWN_FDS_MAX);
                        r = lifted[i] < 0 ? -errno : 0;
                }
        if (r >= 0)
                r = spawn_lifted(path, argv, lifted, n_fds, ret_pid);
        for (size_t i = 0; i < n_fds; i++)
                cleanup_close(&lifted[i]);
        return r;
}
