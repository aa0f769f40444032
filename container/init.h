/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Pid 1 of the container, from its first instruction to its last, and what it tells the outer
 * process on the way. Not for users of the room. */

#include "common/failure.h"
#include "container/plan.h"

typedef enum InitNews {
        INIT_FAILED,  /* setting up: failure says why; nothing was started */
        INIT_READY,   /* all mounts and namespaces are there; it waits to be told to go on */
        INIT_STARTED, /* `inside` is about to run */
        INIT_ENDED,   /* the conductor ended: wait_status */
} InitNews;

/* Small enough for a pipe to take it whole. */
typedef struct InitReport {
        InitNews news;
        int wait_status;
        Failure failure;
} InitReport;

typedef struct Init {
        const Plan *plan;
        int userns_fd;
        int report_fd;   /* InitReports go here */
        int lifeline_fd; /* end of file when the outer process is gone; a byte to go on after
                          * INIT_READY */
        int (*inside)(void *userdata);
        void *userdata;
} Init;

/* Called in a new PID namespace as its first process. */
_Noreturn void init_run(const Init *init);
