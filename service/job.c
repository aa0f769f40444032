/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A job's states. The one place where a state changes is enter(), so that no change can be forgotten
 * on the bus. What has to be on disk before is written by the callers.
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
#include "service/system-failure.h"

#define LOG_NAME "log"

static const char *const kind_names[_JOB_KIND_MAX] = {
        [JOB_BUILD] = BUS_JOB_BUILD,   [JOB_PLAN] = BUS_JOB_PLAN,
        [JOB_EXPORT] = BUS_JOB_EXPORT, [JOB_RESTORE] = BUS_JOB_RESTORE,
        [JOB_IMPORT] = BUS_JOB_IMPORT,
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
                .boot_id = strdup(job_boot_id()),
                .task = *take_task,
                .log_fd = -EBADF,
        };
        *take_task = JOB_TASK_NULL;
        if (job->task.config_digest[0] != '\0')
                job->config_digest = strdup(job->task.config_digest);
        if (!job->boot_id || (job->task.config_digest[0] != '\0' && !job->config_digest)) {
                job_free(job);
                return -ENOMEM;
        }
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
        free(job->image_digest);
        free(job->config_digest);
        free(job->error_name);
        free(job->error_message);
        free(job->plan);
        free(job->boot_id);
        free(job);
        return NULL;
}

bool job_is_living(const Job *job) {
        return job->state == JOB_QUEUED || job->state == JOB_RUNNING;
}

bool job_is_cancellable(const Job *job) {
        return job_is_living(job) && !job->ending;
}

static int make_folder(const Job *job, const Store *store, Failure *reterr) {
        char name[STORE_NAME_SIZE];
        int fd;

        (void) snprintf(name, sizeof(name), "%u", job->id);
        if (mkdirat(store->jobs_fd, name, 0700) < 0)
                return system_failure_set(
                                reterr,
                                -errno,
                                "Cannot make the folder of job %u",
                                job->id);
        fd = fd_open_beneath(store->jobs_fd, name, O_RDONLY | O_DIRECTORY, 0);
        if (fd < 0)
                return system_failure_set(reterr, fd, "Cannot open the folder of job %u", job->id);
        return fd;
}

int job_create_files(Job *job, const Store *store, uint64_t log_max_bytes, Failure *reterr) {
        _cleanup_close_ int folder_fd = make_folder(job, store, reterr), log_fd = -EBADF;
        _cleanup_free_ char *text = NULL;

        if (folder_fd < 0)
                return folder_fd;
        log_fd = openat(folder_fd,
                        LOG_NAME,
                        O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
                        0600);
        if (log_fd < 0)
                return system_failure_set(reterr, -errno, "Cannot make the log of job %u", job->id);
        job->log_fd = TAKE_FD(log_fd);
        job->log_max_bytes = log_max_bytes;
        if (job_format_record(job, &text) < 0)
                return -ENOMEM;
        return job_write_record(store, job->id, text, reterr);
}

int job_remove_files(const Job *job, const Store *store) {
        char name[STORE_NAME_SIZE], gone[STORE_NAME_SIZE];

        (void) snprintf(name, sizeof(name), "%u", job->id);
        (void) snprintf(gone, sizeof(gone), STORE_GONE "%u", job->id);
        if (renameat(store->jobs_fd, name, store->jobs_fd, gone) < 0)
                return errno == ENOENT ? 0 : -errno;
        return fs_remove_tree(store->jobs_fd, gone);
}

static void tell(Job *job, unsigned changes) {
        if (job->observer.on_change)
                job->observer.on_change(job, changes, job->observer.userdata);
}

JobEnd job_end_now(JobState state, const Failure *why) {
        assert(state > JOB_RUNNING && state < _JOB_STATE_MAX);
        assert((state == JOB_DONE) == (why == NULL));
        return (JobEnd){ .state = state, .why = why, .finished_usec = now_usec() };
}

static void enter(Job *job, JobState state) {
        job->state = state;
        tell(job, JOB_CHANGED_STATE);
}

void job_start(Job *job) {
        assert(job->state == JOB_QUEUED);
        job->started_usec = now_usec();
        enter(job, JOB_RUNNING);
}

void job_finish(Job *job, const JobEnd *end) {
        assert(job_is_living(job));

        job->finished_usec = end->finished_usec;
        job->stage[0] = '\0';
        if (end->why) {
                /* Without memory for the sentence the state alone says it. */
                free(job->error_name);
                free(job->error_message);
                job->error_name = strdup(bus_error_name(end->why->error));
                job->error_message = strdup(end->why->message);
                if (job->error_message)
                        str_make_utf8(job->error_message);
        } else
                job->progress_permille = 1000;
        job_task_done(&job->task);
        cleanup_close(&job->log_fd);
        job->log_fd = -EBADF;
        job->ending = false;
        enter(job, end->state);
}

int job_end(Job *job, const JobEnd *end, const Store *store, Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        int r = job_format_end(job, end, &text);

        if (r >= 0)
                r = job_write_record(store, job->id, text, reterr);
        if (r >= 0 || end->state != JOB_DONE)
                job_finish(job, end);
        return r;
}

int job_correct_to_done(Job *job, const Store *store, Failure *reterr) {
        _cleanup_free_ char *text = NULL;

        assert(job->kind == JOB_BUILD && !job_is_living(job));
        free(job->error_name);
        free(job->error_message);
        job->error_name = job->error_message = NULL;
        job->artifact = job->id;
        job->progress_permille = 1000;
        enter(job, JOB_DONE);
        if (job_format_record(job, &text) < 0)
                return -ENOMEM;
        return job_write_record(store, job->id, text, reterr);
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

void job_set_image_digest(Job *job, const char *digest) {
        char *copy;

        if (!digest_is_good(digest))
                return;
        copy = strdup(digest);
        if (!copy)
                return;
        free(job->image_digest);
        job->image_digest = copy;
}

void job_set_ending(Job *job) {
        if (job->ending)
                return;
        job->ending = true;
        tell(job, JOB_CHANGED_CANCELLABLE);
}

void job_task_done(JobTask *task) {
        order_done(&task->order);
        image_done(&task->image);
        cleanup_close(&task->image_fd);
        cleanup_close(&task->folder_fd);
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
