/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent dies with us by itself (PR_SET_PDEATHSIG), so nobody has to remember it on the many ways
 * out of a program.
 */

#include "client/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "common/cleanup.h"

#define READY_TIMEOUT_MSEC 5000

static _Noreturn void run_agent(pid_t parent, int ready_fd) {
        char process[16], ready[16];

        (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
                _exit(EXIT_FAILURE);
        (void) snprintf(process, sizeof(process), "%d", parent);
        (void) snprintf(ready, sizeof(ready), "%d", ready_fd);
        /* A desktop's agent belongs to a session and goes first there. polkit 122 finds no fallback
         * for a process without a session. */
        (void) execlp("pkttyagent",
                      "pkttyagent",
                      "--notify-fd",
                      ready,
                      "--process",
                      process,
                      getenv("XDG_SESSION_ID") ? "--fallback" : (char *) NULL,
                      (char *) NULL);
        _exit(EXIT_FAILURE);
}

void agent_start(void) {
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        struct pollfd ready;
        pid_t parent = getpid(), pid;
        int ends[2];

        if (geteuid() == 0 || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
                return;
        if (pipe2(ends, O_CLOEXEC) < 0)
                return;
        read_fd = ends[0];
        write_fd = ends[1];
        pid = fork();
        if (pid < 0)
                return;
        if (pid == 0) {
                (void) fcntl(write_fd, F_SETFD, 0);
                run_agent(parent, write_fd);
        }
        (void) close(TAKE_FD(write_fd));
        /* It closes its end when it is registered, or by dying. */
        ready = (struct pollfd){ .fd = read_fd, .events = POLLIN };
        (void) poll(&ready, 1, READY_TIMEOUT_MSEC);
}
