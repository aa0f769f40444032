/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Small steps that every process in the container takes; each is one facility of the kernel used in
 * the one way that is right here. */

#include "container/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fd.h"

/* Exit codes above mean an errno; the ones below are what others use. */
#define EXIT_ERRORS 100

void process_die_with_parent(int lifeline_fd) {
        struct pollfd lifeline = { .fd = lifeline_fd, .events = POLLIN };

        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (lifeline_fd >= 0 && poll(&lifeline, 1, 0) > 0)
                _exit(EXIT_FAILURE);
}

static int compare_fds(const void *a, const void *b) {
        int x = *(const int *) a, y = *(const int *) b;

        return (x > y) - (x < y);
}

static int close_between(unsigned first, unsigned last) {
        if (first > last)
                return 0;
        return syscall(SYS_close_range, first, last, 0) < 0 ? -errno : 0;
}

int process_close_but(const int *keep_fds, size_t n_keep_fds) {
        _cleanup_free_ int *sorted = calloc(n_keep_fds + 1, sizeof(int));
        unsigned next = STDERR_FILENO + 1;
        int r;

        if (!sorted)
                return -ENOMEM;
        if (n_keep_fds > 0)
                memcpy(sorted, keep_fds, n_keep_fds * sizeof(int));
        qsort(sorted, n_keep_fds, sizeof(int), compare_fds);
        for (size_t i = 0; i < n_keep_fds; i++) {
                if (sorted[i] < (int) next)
                        continue;
                r = close_between(next, (unsigned) sorted[i] - 1);
                if (r < 0)
                        return r;
                next = (unsigned) sorted[i] + 1;
        }
        return close_between(next, UINT_MAX);
}

int process_null_stdio(bool all) {
        _cleanup_close_ int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        for (int target = 0; target <= (all ? STDERR_FILENO : STDIN_FILENO); target++)
                if (dup2(fd, target) < 0)
                        return -errno;
        if (fd <= STDERR_FILENO)
                (void) TAKE_FD(fd);
        return 0;
}

void process_default_signals(void) {
        sigset_t none;

        for (int number = 1; number < NSIG; number++)
                if (number != SIGKILL && number != SIGSTOP)
                        (void) signal(number, SIG_DFL);
        (void) sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, /* oldset= */ NULL);
}

int process_set_limits(const PlanLimit *limits, size_t n_limits) {
        for (size_t i = 0; i < n_limits; i++) {
                struct rlimit limit;

                if (getrlimit(limits[i].resource, &limit) < 0)
                        return -errno;
                if (limits[i].value < limit.rlim_max)
                        limit.rlim_max = limits[i].value;
                limit.rlim_cur = limit.rlim_max;
                if (setrlimit(limits[i].resource, &limit) < 0)
                        return -errno;
        }
        return 0;
}

void process_set_killable_for_memory(bool killable) {
        _cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
        const char *score = killable ? "0" : "-1000";

        if (fd >= 0)
                (void) !write(fd, score, strlen(score));
}

_Noreturn void process_tell_and_live(int fd, int result) {
        char byte = (char) -result;

        if (fd_write_all(fd, &byte, 1) < 0)
                _exit(EXIT_FAILURE);
        while (read(fd, &byte, 1) > 0)
                continue;
        _exit(EXIT_SUCCESS);
}

int process_told(int fd) {
        char byte;

        return read(fd, &byte, 1) == 1 ? -(int) (unsigned char) byte : -ECHILD;
}

int process_wait(pid_t pid, int *ret_wait_status) {
        while (waitpid(pid, ret_wait_status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

void process_exit(int result) {
        _exit(result < 0 ? EXIT_ERRORS - result : EXIT_SUCCESS);
}

int process_result(int wait_status, int *ret_result) {
        int code;

        if (!WIFEXITED(wait_status))
                return 0;
        code = WEXITSTATUS(wait_status);
        if (code != EXIT_SUCCESS && code <= EXIT_ERRORS)
                return 0;
        *ret_result = code == EXIT_SUCCESS ? 0 : EXIT_ERRORS - code;
        return 1;
}

void process_kill(pid_t pid) {
        int status;

        if (pid <= 0)
                return;
        (void) kill(pid, SIGKILL);
        (void) process_wait(pid, &status);
}

bool process_kill_within(pid_t pid, int patience_msec) {
        _cleanup_close_ int fd = process_open(pid);
        struct pollfd end = { .fd = fd, .events = POLLIN };
        int status;

        (void) kill(pid, SIGKILL);
        if (fd >= 0 && poll(&end, 1, patience_msec) == 0)
                return false;
        (void) process_wait(pid, &status);
        return true;
}

int process_open(pid_t pid) {
        int fd = (int) syscall(SYS_pidfd_open, pid, 0);

        return fd < 0 ? -errno : fd;
}
