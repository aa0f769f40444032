/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The conductor's side of a command: start its supervisor, read lines until both the lines and the
 * supervisor have ended, mind the clock. */

#include "container/command.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/strings.h"
#include "container/command-cage.h"
#include "container/command-output.h"
#include "container/namespace.h"
#include "container/process.h"

typedef struct Run {
        const Command *command;
        pid_t supervisor;
        int supervisor_fd;
        int failure_fd; /* reading ends */
        int output_fd;
        uint64_t deadline_usec; /* UINT64_MAX for none */
} Run;

static void run_done(Run *run) {
        process_kill(run->supervisor);
        if (run->supervisor_fd >= 0)
                (void) close(run->supervisor_fd);
        if (run->failure_fd >= 0)
                (void) close(run->failure_fd);
        if (run->output_fd >= 0)
                (void) close(run->output_fd);
}

static uint64_t now_usec(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000u + (uint64_t) now.tv_nsec / 1000u;
}

/* For poll(): milliseconds until the deadline, rounded up. */
static int time_left(const Run *run) {
        uint64_t now = now_usec(), left;

        if (run->deadline_usec == UINT64_MAX)
                return -1;
        if (now >= run->deadline_usec)
                return 0;
        left = (run->deadline_usec - now + 999) / 1000;
        return left > INT32_MAX ? INT32_MAX : (int) left;
}

static int start(Run *run) {
        _cleanup_close_ int failure_fd = -EBADF, output_fd = -EBADF;
        CommandCage cage = { .command = run->command };
        int failure[2], output[2];

        if (pipe2(failure, O_CLOEXEC) < 0)
                return -errno;
        run->failure_fd = failure[0];
        failure_fd = cage.failure_fd = failure[1];
        if (pipe2(output, O_CLOEXEC) < 0)
                return -errno;
        run->output_fd = output[0];
        output_fd = cage.output_fd = output[1];

        run->supervisor = namespace_fork(command_cage_namespaces(run->command));
        if (run->supervisor < 0)
                return -errno;
        if (run->supervisor == 0)
                command_cage_run(&cage);
        run->supervisor_fd = process_open(run->supervisor);
        return run->supervisor_fd < 0 ? run->supervisor_fd : 0;
}

/* Returns when no process of the command is left and all of its output is read. */
static int follow(Run *run) {
        struct pollfd fds[] = {
                { .fd = run->output_fd, .events = POLLIN },
                { .fd = run->supervisor_fd, .events = POLLIN },
        };
        CommandOutput output;
        int r;

        command_output_init(&output, run->command);
        while (fds[0].fd >= 0 || fds[1].fd >= 0) {
                r = poll(fds, ELEMENTSOF(fds), time_left(run));
                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r == 0)
                        return -ETIMEDOUT;
                if (r < 0)
                        continue;
                if (fds[0].revents != 0 && command_output_take(&output, run->output_fd) <= 0)
                        fds[0].fd = -EBADF;
                if (fds[1].revents != 0)
                        fds[1].fd = -EBADF;
        }
        command_output_finish(&output);
        return 0;
}

static int finish(Run *run, Failure *reterr) {
        Failure failure;
        int status, r;

        r = process_wait(run->supervisor, &status);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot wait for a command");
        run->supervisor = 0;
        if (read(run->failure_fd, &failure, sizeof(failure)) == (ssize_t) sizeof(failure)) {
                if (reterr)
                        *reterr = failure;
                return failure.error;
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(const Command *command, Failure *reterr) {
        _cleanup_(run_done) Run state = {
                .command = command,
                .supervisor_fd = -EBADF,
                .failure_fd = -EBADF,
                .output_fd = -EBADF,
                .deadline_usec = UINT64_MAX,
        };
        int r;

        if (command->timeout_usec > 0)
                state.deadline_usec = now_usec() + command->timeout_usec;
        r = start(&state);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "Cannot start the command \"%s\"",
                                command->argv[0]);
        r = follow(&state);
        if (r == -ETIMEDOUT)
                return failure_set(
                                reterr,
                                r,
                                "The command \"%s\" was ended, as it took longer than %llu s.",
                                command->argv[0],
                                (unsigned long long) (command->timeout_usec / 1000000u));
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "Cannot follow the command \"%s\"",
                                command->argv[0]);
        return finish(&state, reterr);
}

/* The folder above a bind's target, and the target's name in it. */
static int open_above(int root_fd, const char *target, const char **ret_name) {
        _cleanup_free_ char *folder = NULL;
        const char *slash = strrchr(target, '/');

        if (!slash || slash[1] == '\0')
                return -EINVAL;
        folder = slash == target ? strdup("/") : strndup(target, (size_t) (slash - target));
        if (!folder)
                return -ENOMEM;
        *ret_name = slash + 1;
        return fd_open_in_root(root_fd, folder, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
}

/* Returns 1 when the target had to be made, 0 when it was there. */
static int make_target(int root_fd, const CommandBind *bind) {
        _cleanup_close_ int above_fd = -EBADF, fd = -EBADF;
        const char *name;
        struct stat st;

        fd = fd_open_in_root(root_fd, bind->target, O_PATH | O_CLOEXEC, 0);
        if (fd >= 0)
                return 0;
        if (fd != -ENOENT)
                return fd;
        if (stat(bind->source, &st) < 0)
                return -errno;
        above_fd = open_above(root_fd, bind->target, &name);
        if (above_fd < 0)
                return above_fd;
        if (S_ISDIR(st.st_mode))
                return mkdirat(above_fd, name, 0755) < 0 ? -errno : 1;
        fd = openat(above_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        return fd < 0 ? -errno : 1;
}

static void remove_target(int root_fd, const CommandBind *bind) {
        _cleanup_close_ int above_fd = -EBADF;
        const char *name;

        above_fd = open_above(root_fd, bind->target, &name);
        if (above_fd < 0)
                return;
        if (unlinkat(above_fd, name, AT_REMOVEDIR) < 0 && errno == ENOTDIR)
                (void) unlinkat(above_fd, name, 0);
}

/* Makes the places for the binds from `i` on, runs, and takes away again what it made. */
static int run_with_binds(const Command *command, int root_fd, unsigned i, Failure *reterr) {
        int made, r;

        if (i == command->n_binds)
                return run(command, reterr);
        made = make_target(root_fd, &command->binds[i]);
        if (made < 0)
                return failure_set_errno(
                                reterr,
                                made,
                                "Cannot make a place for \"%s\" in \"%s\"",
                                command->binds[i].target,
                                command->root);
        r = run_with_binds(command, root_fd, i + 1, reterr);
        if (made > 0)
                remove_target(root_fd, &command->binds[i]);
        return r;
}

int command_run(const Command *command, Failure *reterr) {
        _cleanup_close_ int root_fd = -EBADF;

        assert(command->argv && command->argv[0]);
        assert(command->profile < _COMMAND_PROFILE_MAX);
        if (!command->root)
                return run(command, reterr);
        root_fd = open(command->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "Cannot open \"%s\"", command->root);
        return run_with_binds(command, root_fd, /* i= */ 0, reterr);
}
