/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The work of a running job, seen from the service: what is prepared for its worker, what is made
 * of its report, and what is tidied up behind it, whatever way it ends. Ends in manager_finish_job().
 */

#include "common/failure.h"
#include "service/job.h"
#include "service/manager.h"
#include "service/worker.h"

/* What differs between the kinds of jobs. */
typedef struct JobWorkKind {
        /* It works in a container with a scratch folder, which is swept behind it, and a wish to cancel it
         * counts until its result is put in place. */
        bool is_contained;
        /* Completes the order and opens what the worker needs; the descriptors are the caller's to
         * close, also after a failure. */
        int (*prepare)(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr);
        /* A fact or a diagnostic of the worker's. NULL: of no interest. */
        void (*learn)(Job *job, const Report *report);
        /* The worker says that its work is complete: what is to be done by a chore, so that it counts;
         * NULL: nothing. The order is the job's. Runs in the child, with what store and order name. */
        int (*publish)(const Store *store, const Job *job, Failure *reterr);
        /* The work counts; the record does not say so yet. NULL: nothing. */
        void (*complete)(Manager *manager, Job *job);
        /* The record says that the job is done. NULL: nothing. */
        void (*announce)(Manager *manager, Job *job);
        /* The work counts, but the record could not say so, and says that the job failed. NULL: nothing. */
        void (*withdraw)(Manager *manager, Job *job);
        /* It is not complete, and the worker is gone; NULL when nothing of it can be anywhere but in
         * scratch and among the artifacts. */
        void (*give_up)(Manager *manager, Job *job);
} JobWorkKind;

extern const JobWorkKind job_build;   /* service/job-build.c */
extern const JobWorkKind job_plan;    /* service/job-plan.c */
extern const JobWorkKind job_export;  /* service/job-export.c */
extern const JobWorkKind job_restore; /* service/job-export.c */
extern const JobWorkKind job_import;  /* service/job-import.c */

/* Makes the job's scratch folder. Returns its descriptor. Errors: with a sentence. */
int job_make_scratch(const Store *store, uint32_t id, Failure *reterr);

/* What workers tell of the image that they look into, for kinds that tell no more: its digest, and what is shown
 * in the list of images. */
void job_learn_image(Job *job, const Report *report);

/* Notes what was learnt of an image in the service's folders, if it is still the same. Blocks for some fsync(). */
void job_note_image(Manager *manager, Job *job);

/* Starts the work of a queued job whose slot is set. Always ends in manager_finish_job(), but never
 * before it returns, unless even that fails. */
void job_work_start(Manager *manager, Job *job);

/* Ends the work early, in the state JOB_CANCELLED, JOB_INTERRUPTED or JOB_FAILED, for that reason. Does
 * nothing when it is about to end. */
void job_work_cancel(Job *job, JobState state, const Failure *why);

/* For a manager that goes away: kills the worker and forgets the work. */
void job_work_abandon(Job *job);
