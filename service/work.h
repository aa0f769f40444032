/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The work of a running job, seen from the service: what is prepared for its worker, what is made
 * of its report, and what is tidied up behind it, whatever way it ends. Ends in manager_end_job().
 */

#include "common/failure.h"
#include "service/job.h"
#include "service/manager.h"
#include "service/worker-process.h"

/* What differs between the kinds of jobs. */
typedef struct WorkKind {
        /* Completes the order and opens what the worker needs; the descriptors are the caller's to
         * close, also after a failure. */
        int (*prepare)(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr);
        /* The worker says that its work is complete: makes it count. */
        int (*complete)(Manager *manager, Job *job, Failure *reterr);
        /* It is not complete, and the worker is gone; NULL when nothing of it can be anywhere but in
         * scratch and among the artifacts. */
        void (*sweep)(Manager *manager, Job *job);
} WorkKind;

extern const WorkKind build_work;   /* service/build.c */
extern const WorkKind export_work;  /* service/export.c */
extern const WorkKind restore_work; /* service/export.c */

/* Starts the work of a queued job whose slot is set. Always ends in manager_end_job(), but never
 * before it returns, unless even that fails. */
void work_start(Manager *manager, Job *job);

/* Ends the work early; `state` is JOB_CANCELLED or JOB_INTERRUPTED. */
void work_cancel(Job *job, JobState state);

/* For a manager that goes away: kills the worker and forgets the work. */
void work_abandon(Job *job);
