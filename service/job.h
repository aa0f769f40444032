/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A job: one piece of long work, its state and its record on disk. It knows neither bus nor worker;
 * an observer hears what changes. The record is on disk before anybody can see the job, and again
 * before anybody hears how it ended. That it runs, and at which stage it is, promises nothing, so that
 * record may come a little later; progress is not worth a write.
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
#include "common/digest.h"
#include "common/failure.h"
#include "config/order.h"
#include "config/report.h"
#include "service/image-record.h"
#include "service/store.h"

#define JOB_TITLE_MAX  320 /* bytes: 80 characters */
#define JOB_COOKIE_MAX 256 /* bytes: 64 characters */
#define JOB_STAGE_MAX  64  /* bytes */

typedef enum JobKind {
        JOB_BUILD,
        JOB_PLAN,
        JOB_EXPORT,
        JOB_RESTORE,
        JOB_IMPORT,
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
        int image_fd;       /* build, plan, import: the image, read-only */
        int folder_fd;      /* import: the folder that it goes to; -EBADF until it runs */
        const char *folder; /* the path of that; borrowed */
        bool replace;       /* import: an image of that name gives way */
        Image image; /* build, plan: of the service's folders; import: what becomes one; its name is NULL for others */
        ImageFacts facts; /* build, plan, import: what the worker has found in the image */
        int context_fd;   /* build, plan: the service's own copy of the context */
        char config_digest[DIGEST_SIZE]; /* build, plan: "" when it is not known */
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
        char *image_digest; /* build, import: SHA-256 of the image as the worker used it; NULL: not yet */
        char *config_digest; /* build: SHA-256 of the config that was authorized; NULL: unknown */
        char *plan;    /* plan: its facts and problems, lines of config/report.h; NULL: none yet */
        char *boot_id; /* of the kernel under which the record was written; NULL: unknown */
        char stage[JOB_STAGE_MAX]; /* in the record while the job lives */

        /* Not in the record. */
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
/* Removes record and log, under another name first, so that no half is left. Blocks. */
int job_remove_files(const Job *job, const Store *store);

/* How a job ends. */
typedef struct JobEnd {
        JobState state;
        const Failure *why; /* NULL for JOB_DONE only; borrowed */
        uint64_t finished_usec;
} JobEnd;

/* The end as of now. */
JobEnd job_end_now(JobState state, const Failure *why);

/* The changes of state. Each tells the observer. */
void job_start(Job *job);
/* Its end is in the record, or cannot be. */
void job_finish(Job *job, const JobEnd *end);
/* Writes the record and finishes. Blocks. A record that cannot be written does not keep a job from
 * ending; but it is not done then: it stays as it was. */
int job_end(Job *job, const JobEnd *end, const Store *store, Failure *reterr);

/* For a build that was taken for interrupted, but whose artifact is there. */
int job_correct_to_done(Job *job, const Store *store, Failure *reterr);

/* Smaller news, for a running job. Text is a worker's: it is cleaned and cut. */
void job_set_stage(Job *job, const char *stage);
void job_set_progress(Job *job, unsigned permille);
void job_set_ending(Job *job);
/* Keeps it for the record if it is a SHA-256 in hexadecimal. */
void job_set_image_digest(Job *job, const char *digest);

/* Keeps a fact or a problem of a plan, if it is one and there is room for it. */
void job_add_to_plan(Job *job, const Report *report);

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

/* The record as JSON, as it is now or will be after the end, and back. All pure; what is read may be
 * anything. Errors: -EIO with a sentence, -ENOMEM. */
int job_format_record(const Job *job, char **ret_text);
int job_format_end(const Job *job, const JobEnd *end, char **ret_text);
int job_parse_record(const char *text, size_t size, Job **ret, Failure *reterr);

/* Puts a text in place of the job's record. Blocks for some fsync(). Errors: -ENOSPC, -EIO, with a
 * sentence. */
int job_write_record(const Store *store, uint32_t id, const char *text, Failure *reterr);

/* Of the running kernel; "" when it does not say. */
const char *job_boot_id(void);

/* Reads the record of a job that an earlier service had. Blocks. Errors: as job_parse_record(), and
 * those of reading; with a sentence. */
int job_load(const Store *store, uint32_t id, Job **ret, Failure *reterr);

const char *job_kind_to_string(JobKind kind);
JobKind job_kind_from_string(const char *s); /* _JOB_KIND_INVALID when unknown */
const char *job_state_to_string(JobState state);
JobState job_state_from_string(const char *s); /* _JOB_STATE_INVALID when unknown */

#define JOB_TASK_NULL                                                         \
        (JobTask) {                                                           \
                .image_fd = -EBADF, .folder_fd = -EBADF, .context_fd = -EBADF \
        }
void job_task_done(JobTask *task);
#define _cleanup_job_task_ _cleanup_(job_task_done)
