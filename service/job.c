/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A job's states. The one place where a state changes is job_enter(), so that no change can be
 * forgotten on disk or on the bus.
 */

#include "service/job.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "dbus/errors.h"
#include "dbus/names.h"
#include "service/record.h"
#include "service/system-failure.h"

#define LOG_NAME "log"

static const char *const kind_names[_JOB_KIND_MAX] = {
        [JOB_BUILD] = BUS_JOB_BUILD,
        [JOB_EXPORT] = BUS_JOB_EXPORT,
        [JOB_RESTORE] = BUS_JOB_RESTORE,
};

static const char *const state_names[_JOB_STATE_MAX] = {
        [JOB_QUEUED] = BUS_JOB_QUEUED,       [JOB_RUNNING] = BUS_JOB_RUNNING,
        [JOB_DONE] = BUS_JOB_DONE,           [JOB_FAILED] = BUS_JOB_FAILED,
        [JOB_CANCELLED] = BUS_JOB_CANCELLED, [JOB_INTERRUPTED] = BUS_JOB_INTERRUPTED,
};

static uint64_t now_usec(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

int job_new(Job **ret, uint32_t id, uid_t owner, JobKind kind, JobTask *take_task) {
        Job *job = calloc(1, sizeof(*job));

        assert(id > 0 && kind >= 0 && kind < _JOB_KIND_MAX);
        if (!job) {
                job_task_done(take_task);
                return -ENOMEM;
        }
        *job = (Job){
                .id = id,
                .owner = owner,
                .kind = kind,
                .created_usec = now_usec(),
                .task = *take_task,
                .log_fd = -EBADF,
        };
        *take_task = JOB_TASK_NULL;
        *ret = job;
        return 0;
}

Job *job_free(Job *job) {
        if (!job)
                return NULL;
        assert(!job->work);
        if (job->observer.on_free)
                job->observer.on_free(job->observer.userdata);
        job_task_done(&job->task);
        cleanup_close(&job->log_fd);
        free(job->title);
        free(job->cookie);
        free(job->target);
        free(job->error_name);
        free(job->error_message);
        free(job);
        return NULL;
}

bool job_is_living(const Job *job) {
        return job->state == JOB_QUEUED || job->state == JOB_RUNNING;
}

bool job_is_cancellable(const Job *job) {
        return job_is_living(job) && !job->ending;
}

static int open_job_folder(const Job *job, const Store *store) {
        char name[STORE_NAME_SIZE];

        (void) snprintf(name, sizeof(name), "%u", job->id);
        return fd_open_beneath(store->jobs_fd, name, O_RDONLY | O_DIRECTORY, 0);
}

int job_create_files(Job *job, const Store *store, uint64_t log_max_bytes, Failure *reterr) {
        _cleanup_close_ int folder_fd = -EBADF, log_fd = -EBADF;
        char name[STORE_NAME_SIZE];

        (void) snprintf(name, sizeof(name), "%u", job->id);
        if (mkdirat(store->jobs_fd, name, 0700) < 0)
                return system_failure_set(
                                reterr,
                                -errno,
                                "Cannot make the folder of job %u",
                                job->id);
        folder_fd = open_job_folder(job, store);
        if (folder_fd < 0)
                return system_failure_set(
                                reterr,
                                folder_fd,
                                "Cannot open the folder of job %u",
                                job->id);
        log_fd = openat(folder_fd,
                        LOG_NAME,
                        O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
                        0600);
        if (log_fd < 0)
                return system_failure_set(reterr, -errno, "Cannot make the log of job %u", job->id);
        job->log_fd = TAKE_FD(log_fd);
        job->log_max_bytes = log_max_bytes;
        return job_save(job, store, reterr);
}

int job_save(const Job *job, const Store *store, Failure *reterr) {
        _cleanup_close_ int folder_fd = open_job_folder(job, store);
        _cleanup_free_ char *text = NULL;
        int r;

        r = folder_fd < 0 ? folder_fd : job_format_record(job, &text);
        if (r >= 0)
                r = fs_write_atomic(folder_fd, RECORD_NAME, text, strlen(text), 0600);
        if (r >= 0 && fsync(store->jobs_fd) < 0)
                r = -errno;
        if (r < 0)
                return system_failure_set(
                                reterr,
                                r,
                                "Cannot write the record of job %u in the state folder",
                                job->id);
        return 0;
}

int job_remove_files(const Job *job, const Store *store) {
        char name[STORE_NAME_SIZE];

        (void) snprintf(name, sizeof(name), "%u", job->id);
        return fs_remove_tree(store->jobs_fd, name);
}

static void tell(Job *job, unsigned changes) {
        if (job->observer.on_change)
                job->observer.on_change(job, changes, job->observer.userdata);
}

static int job_enter(Job *job, JobState state, const Store *store, Failure *reterr) {
        int r;

        job->state = state;
        r = job_save(job, store, reterr);
        tell(job, JOB_CHANGED_STATE);
        return r;
}

int job_start(Job *job, const Store *store, Failure *reterr) {
        assert(job->state == JOB_QUEUED);
        job->started_usec = now_usec();
        return job_enter(job, JOB_RUNNING, store, reterr);
}

int job_end(Job *job, JobState state, const Failure *why, const Store *store, Failure *reterr) {
        assert(job_is_living(job));
        assert(state > JOB_RUNNING && state < _JOB_STATE_MAX);
        assert((state == JOB_DONE) == (why == NULL));

        job->finished_usec = now_usec();
        job->stage[0] = '\0';
        if (why) {
                /* Without memory for the sentence the state alone says it. */
                free(job->error_name);
                free(job->error_message);
                job->error_name = strdup(bus_error_name(why->error));
                job->error_message = strdup(why->message);
                if (job->error_message)
                        str_make_utf8(job->error_message);
        } else
                job->progress_permille = 1000;
        job_task_done(&job->task);
        cleanup_close(&job->log_fd);
        job->log_fd = -EBADF;
        job->ending = false;
        return job_enter(job, state, store, reterr);
}

int job_correct_to_done(Job *job, const Store *store, Failure *reterr) {
        assert(job->kind == JOB_BUILD && !job_is_living(job));
        free(job->error_name);
        free(job->error_message);
        job->error_name = job->error_message = NULL;
        job->artifact = job->id;
        job->progress_permille = 1000;
        return job_enter(job, JOB_DONE, store, reterr);
}

void job_set_stage(Job *job, const char *stage) {
        char name[JOB_STAGE_MAX];

        (void) snprintf(name, sizeof(name), "%s", stage);
        str_blank_controls(name);
        str_make_utf8(name);
        if (str_equal(name, job->stage))
                return;
        memcpy(job->stage, name, sizeof(name));
        tell(job, JOB_CHANGED_STAGE);
}

void job_set_progress(Job *job, unsigned permille) {
        if (permille > 1000)
                permille = 1000;
        if (permille <= job->progress_permille)
                return;
        job->progress_permille = permille;
        tell(job, JOB_CHANGED_PROGRESS);
}

void job_set_ending(Job *job) {
        if (job->ending)
                return;
        job->ending = true;
        tell(job, JOB_CHANGED_CANCELLABLE);
}

void job_task_done(JobTask *task) {
        order_done(&task->order);
        cleanup_close(&task->image_fd);
        cleanup_close(&task->context_fd);
        *task = JOB_TASK_NULL;
}

const char *job_kind_to_string(JobKind kind) {
        assert(kind >= 0 && kind < _JOB_KIND_MAX);
        return kind_names[kind];
}

JobKind job_kind_from_string(const char *s) {
        for (JobKind kind = 0; kind < _JOB_KIND_MAX; kind++)
                if (str_equal(s, kind_names[kind]))
                        return kind;
        return _JOB_KIND_INVALID;
}

const char *job_state_to_string(JobState state) {
        assert(state >= 0 && state < _JOB_STATE_MAX);
        return state_names[state];
}

JobState job_state_from_string(const char *s) {
        for (JobState state = 0; state < _JOB_STATE_MAX; state++)
                if (str_equal(s, state_names[state]))
                        return state;
        return _JOB_STATE_INVALID;
}
