/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The work of a job. Whatever happens, the same way leads out: the worker ends, its result is judged,
 * what it leaves is removed, and only then the job's state says so.
 */

#include "service/job-work.h"

#include <assert.h>
#include <errno.h>
#include <syslog.h>

#include "common/strings.h"
#include "service/log-events.h"
#include "service/removal.h"
#include "service/sandbox.h"

#define IDS_PER_JOB 65536U

struct JobWork {
        Manager *manager;
        Job *job;
        Worker *worker;
        Sweep *sweep;
        Removal *removal;
        sd_event_source *failed_start; /* defers the end of a job whose worker never started */
        JobState state;                /* to end in; JOB_RUNNING while it is open */
        Failure why;
};

static const JobWorkKind *const kinds[_JOB_KIND_MAX] = {
        [JOB_BUILD] = &job_build,
        [JOB_EXPORT] = &job_export,
        [JOB_RESTORE] = &job_restore,
};

static JobWork *job_work_free(JobWork *work) {
        worker_free(work->worker);
        sweep_free(work->sweep);
        removal_free(work->removal);
        sd_event_source_disable_unref(work->failed_start);
        work->job->work = NULL;
        free(work);
        return NULL;
}

static void begin_stage(Job *job, const char *stage) {
        char line[JOB_STAGE_MAX + sizeof("stage ")];

        (void) snprintf(line, sizeof(line), "stage %s", stage);
        job_log(job, LOG_INFO, line);
        job_set_stage(job, stage);
}

static void on_report(const Report *report, void *userdata) {
        JobWork *work = userdata;
        Job *job = work->job;

        switch (report->kind) {
        case REPORT_STAGE:
                begin_stage(job, report->text);
                break;
        case REPORT_PROGRESS:
                job_set_progress(job, (unsigned) (report->number > 1000 ? 1000 : report->number));
                break;
        case REPORT_LOG:
                job_log(job,
                        report->number <= LOG_DEBUG ? (int) report->number : LOG_INFO,
                        report->text);
                break;
        default:
                break;
        }
}

static void on_output(const char *line, void *userdata) {
        const JobWork *work = userdata;

        log_debug("The worker of job %u says: %s", work->job->id, line);
}

static void leave(JobWork *work) {
        Manager *manager = work->manager;
        const Failure why = work->why;
        JobState state = work->state;
        Job *job = work->job;

        job_work_free(work);
        manager_end_job(manager, job, state, state == JOB_DONE ? NULL : &why);
}

static void on_removed(int result, void *userdata) {
        JobWork *work = userdata;

        if (result < 0)
                log_trouble(result,
                            "Cannot remove what job %u left, ignoring: %s",
                            work->job->id,
                            strerror(-result));
        leave(work);
}

/* What the job made, unless it counts now. */
static void remove_output(JobWork *work) {
        char output[STORE_NAME_SIZE];
        const RemovalItem item = { work->manager->store->artifacts_fd, output };
        const JobWorkKind *kind = kinds[work->job->kind];
        int r;

        if (work->state == JOB_DONE) {
                leave(work);
                return;
        }
        if (kind->give_up)
                kind->give_up(work->manager, work->job);
        artifact_format_output(work->job->id, output);
        r = removal_start(
                        &work->removal,
                        work->manager->event,
                        &item,
                        /* n_items= */ 1,
                        on_removed,
                        work);
        if (r < 0)
                on_removed(r, work);
}

static void on_swept(const Failure *why, void *userdata) {
        JobWork *work = userdata;

        if (why)
                log_trouble(why->error, "Ignoring after job %u: %s", work->job->id, why->message);
        remove_output(work);
}

/* First what may still write. One way for all ends, as most of what it looks for is there only after
 * an end that nobody foresaw. */
static void tidy_up(JobWork *work) {
        int r;

        if (work->job->kind != JOB_BUILD) {
                remove_output(work);
                return;
        }
        r = sweep_start(&work->sweep, work->manager, work->job->id, on_swept, work);
        if (r < 0) {
                Failure failure = {};

                (void) failure_set_errno(&failure, r, "its leftovers cannot be swept");
                on_swept(&failure, work);
        }
}

/* Decides the state that the job ends in. A wish to end it goes before what the worker says, unless
 * it came too late: what an export has switched stays switched. */
static void judge(JobWork *work, const Failure *why) {
        if (work->state != JOB_RUNNING && (why || work->job->kind == JOB_BUILD))
                return;
        if (why)
                work->why = *why;
        else if (kinds[work->job->kind]->complete(work->manager, work->job, &work->why) >= 0) {
                work->state = JOB_DONE;
                return;
        }
        (void) failure_default(&work->why, -EIO, "The result cannot be put in place");
        work->state = work->why.error == -EINTR ? JOB_INTERRUPTED : JOB_FAILED;
}

static void on_end(const Failure *why, void *userdata) {
        JobWork *work = userdata;

        judge(work, why);
        job_set_ending(work->job);
        tidy_up(work);
}

static int on_failed_start(sd_event_source *source _unused_, void *userdata) {
        JobWork *work = userdata;

        on_end(&work->why, work);
        return 0;
}

static int start_worker(JobWork *work, Failure *reterr) {
        const WorkerHandler handler = {
                .on_report = on_report,
                .on_output = on_output,
                .on_end = on_end,
                .userdata = work,
        };
        Manager *manager = work->manager;
        WorkerFds fds = WORKER_FDS_NULL;
        Job *job = work->job;
        int r;

        sandbox_limit_order(manager->settings, manager->store, &job->task.order);
        job->task.order.job_id = job->id;
        job->task.order.owner_uid = job->owner;
        job->task.order.ids_base = manager->settings->ids_base + job->slot * IDS_PER_JOB;
        r = kinds[job->kind]->prepare(manager, job, &fds, reterr);
        if (r >= 0)
                r = fds.lock = store_share_lock(manager->store);
        if (r >= 0)
                r = worker_start(
                                &work->worker,
                                manager->event,
                                manager->settings->worker,
                                &job->task.order,
                                &fds,
                                reterr);
        worker_fds_done(&fds);
        if (r < 0)
                return failure_default(reterr, r, "The worker cannot be started");
        worker_listen(work->worker, &handler);
        return worker_set_timeout(work->worker, manager->settings->job_timeout_usec);
}

void job_work_start(Manager *manager, Job *job) {
        JobWork *work = calloc(1, sizeof(*work));
        Failure failure = {};

        assert(job->state == JOB_QUEUED && !job->work);

        if (job_start(job, manager->store, &failure) < 0)
                log_trouble(failure.error, "%s", failure.message);
        if (!work) {
                (void) failure_set(
                                &failure,
                                -ENOMEM,
                                "There is not enough memory to start the job; try again.");
                manager_end_job(manager, job, JOB_FAILED, &failure);
                return;
        }
        *work = (JobWork){ .manager = manager, .job = job, .state = JOB_RUNNING };
        job->work = work;
        if (start_worker(work, &work->why) >= 0)
                return;
        (void) failure_default(&work->why, -EIO, "The worker cannot be started");
        if (work->worker)
                worker_cancel(work->worker);
        else if (sd_event_add_defer(manager->event, &work->failed_start, on_failed_start, work) < 0)
                on_end(&work->why, work);
}

void job_work_cancel(Job *job, JobState state) {
        JobWork *work = job->work;

        assert(work && (state == JOB_CANCELLED || state == JOB_INTERRUPTED));

        if (work->state != JOB_RUNNING)
                return;
        work->state = state;
        (void) failure_set(
                        &work->why,
                        state == JOB_CANCELLED ? -ECANCELED : -EINTR,
                        state == JOB_CANCELLED
                                        ? "The job was cancelled."
                                        : "The service was stopped while the job ran; start it again.");
        job_set_ending(job);
        if (work->worker)
                worker_cancel(work->worker);
}

void job_work_abandon(Job *job) {
        if (job->work)
                job_work_free(job->work);
}
