/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The order is the design: take the sources, own mount namespace, execute the plan, and only when
 * all mounts hang in their places leave the host's user namespace, which locks them. From then on
 * no process of the container has a capability that counts outside.
 */

#include "container/init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "container/capability-sets.h"
#include "container/execute.h"
#include "container/network.h"
#include "container/part.h"
#include "container/process.h"
#include "container/userns.h"

#define INNER_NAMESPACES \
        (CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* The outer process waits for it: without it the container ends. */
static void report(const Init *init, const InitReport *news) {
        if (fd_write_all(init->report_fd, news, sizeof(*news)) < 0)
                _exit(EXIT_FAILURE);
}

_Noreturn static void fail(const Init *init, const Failure *failure) {
        InitReport news = { .news = INIT_FAILED, .failure = *failure };

        report(init, &news);
        _exit(EXIT_FAILURE);
}

_Noreturn static void fail_step(const Init *init, int error, const char *step) {
        Failure failure = {};

        (void) failure_set_errno(&failure, error, "Cannot %s of the container", step);
        fail(init, &failure);
}

static void build(const Init *init) {
        _cleanup_free_ int *mount_fds = calloc(init->plan->n_ops + 1, sizeof(int));
        Failure failure = {};

        if (!mount_fds)
                fail_step(init, -ENOMEM, "make the mounts");
        if (execute_collect(init->plan, mount_fds, &failure) < 0)
                fail(init, &failure);
        (void) umask(0);
        if (execute_plan(init->plan, mount_fds, init->userns_fd, &failure) < 0)
                fail(init, &failure);
        (void) umask(022);
}

/* What is behind the wall must not be what makes mounts: it needs loop devices. */
static void stand_behind_wall(const Init *init) {
        for (size_t i = 0; i < init->plan->n_wall_fds; i++) {
                int r = fd_write_all(init->plan->wall_fds[i], "0", 1);

                if (r < 0)
                        fail_step(init, r, "put up the wall of devices");
        }
}

/* The network namespace is made last and waits here for what connects it to the outside, and all of init
 * for the outer process to need nothing more for it. */
static void await_start(const Init *init) {
        InitReport news = { .news = INIT_READY };
        char byte;

        report(init, &news);
        if (read(init->lifeline_fd, &byte, 1) != 1)
                _exit(EXIT_FAILURE);
}

static void enter(const Init *init) {
        int r;

        r = process_set_limits(init->plan->limits, init->plan->n_limits);
        if (r < 0)
                fail_step(init, r, "set the limits");
        r = userns_enter(init->userns_fd);
        if (r < 0)
                fail_step(init, r, "enter the user namespace");
        process_die_with_parent(init->lifeline_fd);
        (void) prctl(PR_SET_DUMPABLE, 0); /* new ids may have changed it */
        if (unshare(INNER_NAMESPACES) < 0)
                fail_step(init, -errno, "make the namespaces");
        if (sethostname(init->plan->hostname, strlen(init->plan->hostname)) < 0)
                fail_step(init, -errno, "set the host name");
        await_start(init);
}

_Noreturn static void conduct(const Init *init) {
        const Plan *plan = init->plan;
        InitReport news = { .news = INIT_STARTED };
        _cleanup_free_ int *keep_fds = NULL;
        int r;

        process_die_with_parent(/* lifeline_fd= */ -EBADF);
        keep_fds = calloc(plan->n_keep_fds + 1, sizeof(int));
        if (!keep_fds)
                fail_step(init, -ENOMEM, "start the conductor");
        if (plan->n_keep_fds > 0)
                memcpy(keep_fds, plan->keep_fds, plan->n_keep_fds * sizeof(int));
        keep_fds[plan->n_keep_fds] = init->report_fd;
        r = process_close_but(keep_fds, plan->n_keep_fds + 1);
        if (r >= 0)
                r = process_null_stdio(/* all= */ false);
        if (r >= 0)
                r = part_confine(PART_CONDUCTOR);
        if (r < 0)
                fail_step(init, r, "start the conductor");
        report(init, &news);
        (void) close(init->report_fd);
        process_exit(init->inside(init->userdata));
}

/* Reaps whatever ends. Returns when the conductor has, or the outer process. */
static void reap(const Init *init, pid_t conductor, int signal_fd) {
        struct pollfd fds[] = {
                { .fd = signal_fd, .events = POLLIN },
                { .fd = init->lifeline_fd, .events = POLLIN },
        };
        InitReport news = { .news = INIT_ENDED };
        struct signalfd_siginfo info;
        pid_t pid;

        for (;;) {
                while ((pid = waitpid(-1, &news.wait_status, WNOHANG)) > 0)
                        if (pid == conductor) {
                                report(init, &news);
                                return;
                        }
                if (poll(fds, ELEMENTSOF(fds), -1) < 0)
                        continue;
                if (fds[1].revents != 0)
                        return;
                while (read(signal_fd, &info, sizeof(info)) > 0)
                        continue;
        }
}

/* Nothing of init is left but the right to wait for children. */
static int give_up_everything(const Init *init, int signal_fd) {
        const int keep_fds[] = { init->report_fd, init->lifeline_fd, signal_fd };
        int r;

        r = process_close_but(keep_fds, ELEMENTSOF(keep_fds));
        if (r < 0)
                return r;
        r = process_null_stdio(/* all= */ true);
        if (r < 0)
                return r;
        r = capability_limit(CAPABILITIES_NONE);
        if (r < 0)
                return r;
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

void init_run(const Init *init) {
        sigset_t signals;
        pid_t conductor;
        int signal_fd, r;

        process_die_with_parent(init->lifeline_fd);
        (void) prctl(PR_SET_DUMPABLE, 0);
        (void) setsid();
        process_set_killable_for_memory(true);
        build(init);
        stand_behind_wall(init);
        enter(init);

        (void) sigemptyset(&signals);
        (void) sigaddset(&signals, SIGCHLD);
        (void) sigprocmask(SIG_BLOCK, &signals, NULL);
        signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
        if (signal_fd < 0)
                fail_step(init, -errno, "watch the processes");
        conductor = fork();
        if (conductor < 0)
                fail_step(init, -errno, "start the conductor");
        if (conductor == 0) {
                (void) sigprocmask(SIG_UNBLOCK, &signals, NULL);
                conduct(init);
        }
        r = give_up_everything(init, signal_fd);
        if (r < 0)
                fail_step(init, r, "give up the privileges");
        reap(init, conductor, signal_fd);
        _exit(EXIT_SUCCESS);
}
