/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Runs a function in a container made after a plan, and waits for its end.
 *
 *   caller (real root) ── outer: waits for init's end or the lifeline's
 *     └─ init, pid 1: executes the plan as real root, then enters the user namespace, drops every
 *        capability and reaps; its end is the end of every process in the container
 *          └─ conductor: runs `inside` as root of the user namespace only
 *
 * Everything dies together: when the conductor returns, when the lifeline ends, when the caller
 * dies in whatever way. The kernel then takes down the mounts, and the loop devices clear
 * themselves.
 */

#include "common/failure.h"
#include "container/plan.h"

typedef enum ContainerEnd {
        CONTAINER_RETURNED,  /* `inside` returned; error says what */
        CONTAINER_KILLED,    /* the conductor died of a signal, or init did */
        CONTAINER_CANCELLED, /* the lifeline ended first */
} ContainerEnd;

typedef struct ContainerExit {
        ContainerEnd end;
        int error;  /* CONTAINER_RETURNED: what `inside` returned, 0 or a negative errno */
        int signal; /* CONTAINER_KILLED; 0 when it left in a way of its own */
} ContainerExit;

/* Blocks until the container is gone. The caller is real root with CAP_SYS_ADMIN and has one
 * thread.
 *
 * `lifeline_fd` is a pipe's reading end or a socket that nobody writes to; its end of file ends
 * the container at once. -EBADF for none.
 *
 * `inside` runs in a child of a child: what it changes in memory is lost, it reports through a
 * descriptor that the plan keeps. It has stdin on /dev/null, stdout and stderr of the caller,
 * umask 022, the current folder "/", the conductor's filter and the capabilities
 * CAPABILITIES_CONDUCTOR. It returns 0 or a negative errno above -156.
 *
 * Returns 0 when `inside` was started, whatever came of it (see ret_exit).
 * Errors: -EPERM when not root; -EOPNOTSUPP when the kernel lacks a part, or a file system
 * cannot be idmapped; otherwise what the failing op gave. The failure names the op and its path. */
int container_run(
                const Plan *plan,
                int lifeline_fd,
                int (*inside)(void *userdata),
                void *userdata,
                ContainerExit *ret_exit,
                Failure *reterr);
