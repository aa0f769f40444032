/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A function in a process of its own. The failure is a plain value and smaller than a pipe's
 * buffer, so the child never waits for its parent to read it.
 */

#include "liveos/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "common/fd.h"

static _Noreturn void child_run(
                ChildFunction function,
                void *userdata,
                int failure_fd,
                pid_t parent) {
        Failure failure = {};
        int r;

        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
                _exit(EXIT_FAILURE);
        r = function(userdata, &failure);
        if (r < 0) {
                (void) failure_default(&failure, r, "Something failed without saying what");
                (void) fd_write_all(failure_fd, &failure, sizeof(failure));
        }
        _exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

int child_start(ChildFunction function, void *userdata, Child *ret, Failure *reterr) {
        pid_t pid, parent = getpid();
        int fds[2];

        static_assert(sizeof(Failure) < PIPE_BUF, "a failure has to go into a pipe at once");
        if (pipe2(fds, O_CLOEXEC) < 0)
                return failure_set_errno(reterr, -errno, "No pipe for a process can be made");
        pid = fork();
        if (pid < 0) {
                int r = -errno;

                (void) close(fds[0]);
                (void) close(fds[1]);
                return failure_set_errno(reterr, r, "A process cannot be started");
        }
        if (pid == 0) {
                (void) close(fds[0]);
                child_run(function, userdata, fds[1], parent);
        }
        (void) close(fds[1]);
        *ret = (Child){ .pid = pid, .failure_fd = fds[0] };
        return 0;
}

int child_wait(Child *child, Failure *reterr) {
        _cleanup_close_ int failure_fd = TAKE_FD(child->failure_fd);
        Failure failure;
        int status;
        ssize_t n;

        do
                n = read(failure_fd, &failure, sizeof(failure));
        while (n < 0 && errno == EINTR);
        while (waitpid(child->pid, &status, 0) < 0)
                if (errno != EINTR)
                        return failure_set_errno(reterr, -errno, "A process cannot be waited for");
        if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
                return 0;
        if (WIFSIGNALED(status))
                return failure_set(
                                reterr,
                                -EIO,
                                "A part of the worker was ended by signal %d (%s).",
                                WTERMSIG(status),
                                strsignal(WTERMSIG(status)));
        if (n != (ssize_t) sizeof(failure) || failure.error >= 0)
                return failure_set(reterr, -EIO, "A part of the worker ended without a word.");
        failure.message[sizeof(failure.message) - 1] = '\0';
        if (reterr)
                *reterr = failure;
        return failure.error;
}

int child_wait_lifeline(Child *child, int lifeline_fd, Failure *reterr) {
        struct pollfd fds[] = {
                { .fd = child->failure_fd, .events = POLLIN },
                { .fd = lifeline_fd, .events = POLLIN },
        };

        while (poll(fds, ELEMENTSOF(fds), -1) < 0)
                if (errno != EINTR)
                        return failure_set_errno(reterr, -errno, "A process cannot be waited for");
        /* When both have come, nobody waits for the result any more. */
        if (!fds[1].revents)
                return child_wait(child, reterr);
        (void) kill(child->pid, SIGKILL);
        (void) child_wait(child, /* reterr= */ NULL);
        return failure_set(reterr, -ECANCELED, "The job was cancelled.");
}
