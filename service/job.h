/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A job: one piece of long work, its state and its record on disk. It knows neither bus nor worker;
 * an observer hears what changes. The record is on disk before anybody can see the job, and at each
 * change of state; progress and stage are not worth a write.
 *
 *   queued ──> running ──> done | failed
 *      └──────────┴──────> cancelled | interrupted
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/failure.h"
#include "config/order.h"
#include "service/store.h"

#define JOB_TITLE_MAX  320 /* bytes: 80 characters */
#define JOB_COOKIE_MAX 64  /* bytes */
#define JOB_STAGE_MAX  64  /* bytes */

typedef enum JobKind {
        JOB_BUILD,
        JOB_EXPORT,
        JOB_RESTORE,
        _JOB_KIND_MAX,
        _JOB_KIND_INVALID = -22, /* -EINVAL */
} JobKind;

typedef enum JobState {
        JOB_QUEUED,
        JOB_RUNNING,
        JOB_DONE,
        JOB_FAILED,
        JOB_CANCELLED,
        JOB_INTERRUPTED,
        _JOB_STATE_MAX,
        _JOB_STATE_INVALID = -22, /* -EINVAL */
} JobState;

/* What may have changed since an observer last looked. */
typedef enum JobChange {
        JOB_CHANGED_STATE = 1 << 0, /* and with it times, artifact, error, cancellable */
        JOB_CHANGED_STAGE = 1 << 1,
        JOB_CHANGED_PROGRESS = 1 << 2,
        JOB_CHANGED_CANCELLABLE = 1 << 3,
} JobChange;

/* What the worker needs. Emptied when the job has ended; not in the record, since a job does not
 * outlive the service that runs it. */
typedef struct JobTask {
        Order order;
        int image_fd;   /* build: the image, read-only */
        int context_fd; /* build: the service's own copy of the context */
} JobTask;

typedef struct Job Job;
typedef struct JobWork JobWork;

/* Each may be NULL. */
typedef struct JobObserver {
        void (*on_change)(Job *job, unsigned changes, void *userdata); /* JobChange */
        void (*on_log)(Job *job, int priority, const char *line, void *userdata);
        void (*on_free)(void *userdata); /* the job goes away */
        void *userdata;
} JobObserver;

struct Job {
        uint32_t id;
        uid_t owner;
        JobKind kind;
        JobState state;
        char *title;
        char *cookie;      /* NULL: none */
        char *target;      /* export, restore: the target's name; else NULL */
        uint32_t artifact; /* build: once done; export, restore: what is published; 0: none */
        uint64_t created_usec;
        uint64_t started_usec;  /* 0: not yet */
        uint64_t finished_usec; /* 0: not yet */
        uint32_t progress_permille;
        char *error_name;    /* NULL: none */
        char *error_message; /* NULL: none */

        /* Not in the record. */
        char stage[JOB_STAGE_MAX];
        JobTask task;
        bool ending; /* its end is under way, or its result is being put in place */
        unsigned slot;
        int log_fd; /* -EBADF when nothing is written any more */
        uint64_t log_size_bytes;
        uint64_t log_max_bytes;
        bool log_is_full;
        JobObserver observer;
        JobWork *work; /* service/job-work.c: while it runs; NULL otherwise */
};

/* Takes ownership of the task in any case. Writes nothing yet. Errors: -ENOMEM. */
int job_new(Job **ret, uint32_t id, uid_t owner, JobKind kind, JobTask *take_task);
/* Its work must have ended. */
Job *job_free(Job *job);
DEFINE_CLEANUP(Job *, job_free);

/* True while it is queued or running. */
bool job_is_living(const Job *job);
/* Whether cancelling it would do anything. */
bool job_is_cancellable(const Job *job);

/* Makes the job's folder, its record and its empty log. Blocks for some fsync(). Errors: -ENOSPC, -EIO,
 * with a sentence. */
int job_create_files(Job *job, const Store *store, uint64_t log_max_bytes, Failure *reterr);
/* Writes the record as the job is now. Blocks as job_create_files(). */
int job_save(const Job *job, const Store *store, Failure *reterr);
/* Removes record and log. Blocks. */
int job_remove_files(const Job *job, const Store *store);

/* The changes of state. Each writes the record and tells the observer. A record that cannot be
 * written does not stop the job: the failure says so, and the state has changed all the same. */
int job_start(Job *job, const Store *store, Failure *reterr);
/* `why` is NULL for JOB_DONE only. */
int job_end(Job *job, JobState state, const Failure *why, const Store *store, Failure *reterr);

/* For a build that was taken for interrupted, but whose artifact is there. */
int job_correct_to_done(Job *job, const Store *store, Failure *reterr);

/* Smaller news, for a running job. Text is a worker's: it is cleaned and cut. */
void job_set_stage(Job *job, const char *stage);
void job_set_progress(Job *job, unsigned permille);
void job_set_ending(Job *job);

/* Appends a line to the log, without its newline, and tells the observer. A log that cannot be
 * written loses lines; the job goes on. */
void job_log(Job *job, int priority, const char *line);
/* A piece of the log; caller frees the text. */
typedef struct JobLogPiece {
        char *text;    /* whole lines, UTF-8 */
        uint64_t next; /* the offset behind them */
        bool is_last;  /* the job has ended and has said no more */
} JobLogPiece;

/* Whole lines from `offset` on, of about `max_bytes`. Blocks for the read. Errors: -EINVAL when the
 * offset lies behind the end. */
int job_read_log(
                const Job *job,
                const Store *store,
                uint64_t offset,
                size_t max_bytes,
                JobLogPiece *ret);

/* The record as JSON, and back. Both pure; what is read may be anything. Errors: -EIO with a sentence,
 * -ENOMEM. */
int job_format_record(const Job *job, char **ret_text);
int job_parse_record(const char *text, size_t size, Job **ret, Failure *reterr);

/* Reads the record of a job that an earlier service had. Blocks. Errors: as job_parse_record(), and
 * those of reading; with a sentence. */
int job_load(const Store *store, uint32_t id, Job **ret, Failure *reterr);

const char *job_kind_to_string(JobKind kind);
JobKind job_kind_from_string(const char *s); /* _JOB_KIND_INVALID when unknown */
const char *job_state_to_string(JobState state);
JobState job_state_from_string(const char *s); /* _JOB_STATE_INVALID when unknown */

#define JOB_TASK_NULL                                    \
        (JobTask) {                                      \
                .image_fd = -EBADF, .context_fd = -EBADF \
        }
void job_task_done(JobTask *task);
#define _cleanup_job_task_ _cleanup_(job_task_done)
