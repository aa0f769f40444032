/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Following a job until it ends. A terminal gets one line with progress, stage and time, a pipe one
 * line for each stage, both on standard error.
 */

#include <stdio.h>
#include <systemd/sd-bus.h>

#include "client/job.h"
#include "common/cleanup.h"
#include "common/failure.h"

typedef enum FollowFlags {
        FOLLOW_QUIET = 1 << 0,   /* print nothing */
        FOLLOW_LOG = 1 << 1,     /* print the log, on standard error */
        FOLLOW_CANCELS = 1 << 2, /* the first ^C cancels the job, the second lets it be */
} FollowFlags;

typedef struct Follow Follow;

/* Listens from now on; to be called before the job is started, so that nothing is missed. Keeps
 * `bus` alive. */
int follow_new(sd_bus *bus, FollowFlags flags, Follow **ret, Failure *reterr);

/* With FOLLOW_LOG: prints the log there instead. */
void follow_log_to(Follow *f, FILE *to);

/* Returns when the job has ended: 0 when it is done, else its error. Errors besides: -ECANCELED when
 * the user did not wait for the end, -ESHUTDOWN when the service or the bus went away for good. */
int follow_run(Follow *f, const char *path, Failure *reterr);

/* The job as it was last seen. */
const Job *follow_job(const Follow *f);

Follow *follow_free(Follow *f);
DEFINE_CLEANUP(Follow *, follow_free);
