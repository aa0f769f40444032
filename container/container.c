/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The outer process: it starts init, listens to it, and ends it when the lifeline ends. init
 * dies by itself when this process does, because the kernel then closes the other end of its
 * pipe. */

#include "container/container.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "container/init.h"
#include "container/network.h"
#include "container/privilege.h"
#include "container/process.h"
#include "container/userns.h"

typedef struct Outer {
        pid_t init;
        uint32_t uid_base;
        const char *network_allow; /* the plan's */
        pid_t translator;          /* of the network; 0 for none */
        int init_fd;               /* pidfd */
        int report_fd;             /* reading end */
        int death_fd;              /* writing end of init's lifeline */
        int lifeline_fd;           /* the caller's; borrowed */
        bool network;              /* the plan's, as is gives_up */
        bool gives_up;
        bool cancelled;
        bool started;
        bool ended;
        int wait_status;
        Failure failure;
} Outer;

static void outer_done(Outer *outer) {
        process_kill(outer->init);
        network_disconnect(outer->translator);
        if (outer->init_fd >= 0)
                (void) close(outer->init_fd);
        if (outer->report_fd >= 0)
                (void) close(outer->report_fd);
        if (outer->death_fd >= 0)
                (void) close(outer->death_fd);
}

static int connect_network(Outer *outer) {
        if (!outer->network)
                return 0;
        return network_connect(
                        outer->init,
                        outer->uid_base,
                        outer->network_allow,
                        &outer->translator,
                        &outer->failure);
}

/* The mounts hang, and foreign code does not run before init is told to go on: the last moment at which
 * privilege is needed. */
static void let_start(Outer *outer) {
        int r = connect_network(outer);

        if (r >= 0 && outer->gives_up) {
                r = privilege_drop();
                if (r < 0)
                        (void) failure_set_errno(
                                        &outer->failure,
                                        r,
                                        "Cannot give up the privileges");
        }
        if (r >= 0) {
                r = fd_write_all(outer->death_fd, "", 1);
                if (r < 0)
                        (void) failure_set_errno(
                                        &outer->failure,
                                        r,
                                        "Cannot let the container start");
        }
        if (r < 0)
                (void) kill(outer->init, SIGKILL);
}

/* Takes one report. Returns 0 at the end of file. */
static int take_report(Outer *outer) {
        InitReport news;
        ssize_t size = read(outer->report_fd, &news, sizeof(news));

        if (size < 0)
                return errno == EINTR ? 1 : -errno;
        if (size != (ssize_t) sizeof(news))
                return 0;
        if (news.news == INIT_FAILED)
                outer->failure = news.failure;
        if (news.news == INIT_READY)
                let_start(outer);
        if (news.news == INIT_STARTED)
                outer->started = true;
        if (news.news == INIT_ENDED) {
                outer->ended = true;
                outer->wait_status = news.wait_status;
        }
        return 1;
}

/* Listens until init has ended. The end of file on the report pipe comes with the last process that
 * could still say something. */
static int listen_to_init(Outer *outer) {
        struct pollfd fds[] = {
                { .fd = outer->report_fd, .events = POLLIN },
                { .fd = outer->init_fd, .events = POLLIN },
                { .fd = outer->lifeline_fd, .events = POLLIN },
        };
        int r;

        for (;;) {
                if (poll(fds, ELEMENTSOF(fds), -1) < 0) {
                        if (errno != EINTR)
                                return -errno;
                        continue;
                }
                if (fds[2].revents != 0) {
                        outer->cancelled = true;
                        fds[2].fd = -EBADF;
                        (void) kill(outer->init, SIGKILL);
                }
                if (fds[0].revents != 0) {
                        r = take_report(outer);
                        if (r < 0)
                                return r;
                        if (r == 0)
                                fds[0].fd = -EBADF;
                        continue;
                }
                if (fds[1].revents != 0)
                        return 0;
        }
}

static int start_init(Outer *outer, Init *init) {
        int report[2], death[2];

        if (pipe2(report, O_CLOEXEC) < 0)
                return -errno;
        outer->report_fd = report[0];
        init->report_fd = report[1];
        if (pipe2(death, O_CLOEXEC) < 0)
                return -errno;
        init->lifeline_fd = death[0];
        outer->death_fd = death[1];

        outer->init = privilege_fork(CLONE_NEWPID);
        if (outer->init < 0)
                return -errno;
        if (outer->init == 0) {
                (void) close(outer->report_fd);
                (void) close(outer->death_fd);
                init_run(init);
        }
        outer->init_fd = process_open(outer->init);
        return outer->init_fd < 0 ? outer->init_fd : 0;
}

static ContainerExit judge(const Outer *outer, int init_status) {
        int status = outer->ended ? outer->wait_status : init_status;
        int result;

        if (outer->cancelled)
                return (ContainerExit){ .end = CONTAINER_CANCELLED };
        if (outer->ended && process_result(status, &result) > 0)
                return (ContainerExit){ .end = CONTAINER_RETURNED, .error = result };
        return (ContainerExit){
                .end = CONTAINER_KILLED,
                .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
        };
}

static int finish(Outer *outer, ContainerExit *ret_exit, Failure *reterr) {
        int status, r;

        r = process_wait(outer->init, &status);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot wait for the container");
        outer->init = 0;
        if (!outer->cancelled && outer->failure.error < 0) {
                if (reterr)
                        *reterr = outer->failure;
                return outer->failure.error;
        }
        if (!outer->cancelled && !outer->started)
                return failure_set(reterr, -ECHILD, "The container was ended while it was set up.");
        *ret_exit = judge(outer, status);
        return 0;
}

int container_run(
                const Plan *plan,
                int lifeline_fd,
                int (*inside)(void *userdata),
                void *userdata,
                ContainerExit *ret_exit,
                Failure *reterr) {
        _cleanup_(outer_done) Outer outer = {
                .uid_base = plan->uid_base,
                .network_allow = plan->network_allow,
                .network = plan->network,
                .gives_up = plan->gives_up,
                .init_fd = -EBADF,
                .report_fd = -EBADF,
                .death_fd = -EBADF,
                .lifeline_fd = lifeline_fd,
        };
        _cleanup_close_ int userns_fd = -EBADF, report_fd = -EBADF, init_lifeline_fd = -EBADF;
        Init init = { .plan = plan,
                      .inside = inside,
                      .userdata = userdata,
                      .report_fd = -EBADF,
                      .lifeline_fd = -EBADF };
        int r;

        assert(plan && inside && ret_exit);
        if (geteuid() != 0)
                return failure_set(reterr, -EPERM, "Only root can make a container.");
        userns_fd = userns_new(
                        plan->uid_base,
                        plan->uid_base,
                        PLAN_IDS,
                        plan->limits,
                        plan->n_limits);
        if (userns_fd < 0)
                return failure_set_errno(
                                reterr,
                                userns_fd,
                                "Cannot make the user namespace of the container");
        init.userns_fd = userns_fd;
        r = start_init(&outer, &init);
        report_fd = init.report_fd;
        init_lifeline_fd = init.lifeline_fd;
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot start the container");
        /* Only init may hold these, or their ends would never come. */
        (void) close(TAKE_FD(report_fd));
        (void) close(TAKE_FD(init_lifeline_fd));
        r = listen_to_init(&outer);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot watch the container");
        return finish(&outer, ret_exit, reterr);
}
