/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The work of a job. Whatever happens, the same way leads out: the worker ends, its result is judged
 * and published, what it leaves is removed, the record says how it ended, and only then the job does.
 * All that waits for the disk is done by chores.
 */

#include "service/job-work.h"

#include <assert.h>
#include <errno.h>
#include <syslog.h>

#include "common/strings.h"
#include "service/id-range.h"
#include "service/job-saver.h"
#include "service/log-events.h"
#include "service/removal.h"
#include "service/sandbox.h"

#define SWEEPS_MAX    2U
#define STAGE_PUBLISH "publish" /* the service's own, behind the worker's */

struct JobWork {
        Manager *manager;
        Job *job;
        Worker *worker;
        Sweep *sweep;
        unsigned n_sweeps;
        Chore *chore;                  /* of the end: publishing, removal, the record */
        Saver *saver;                  /* of the record while the job runs */
        sd_event_source *failed_start; /* defers the end of a job whose worker never started */
        JobState state;                /* to end in; JOB_RUNNING while it is open */
        bool judged;    /* it is not open any more, but for what fails from here on */
        bool withdrawn; /* done, but that could not be written */
        uint64_t finished_usec;
        Failure why;
};

static const JobWorkKind *const kinds[_JOB_KIND_MAX] = {
        [JOB_BUILD] = &job_build,     [JOB_PLAN] = &job_plan,     [JOB_EXPORT] = &job_export,
        [JOB_RESTORE] = &job_restore, [JOB_IMPORT] = &job_import,
};

static JobWork *job_work_free(JobWork *work) {
        worker_free(work->worker);
        sweep_free(work->sweep);
        chore_free(work->chore);
        saver_free(work->saver);
        sd_event_source_disable_unref(work->failed_start);
        free(work);
        return NULL;
}

static void begin_stage(Job *job, const char *stage) {
        char line[JOB_STAGE_MAX + sizeof("stage ")];

        (void) snprintf(line, sizeof(line), "stage %.*s", JOB_STAGE_MAX - 1, stage);
        job_log(job, LOG_INFO, line);
        job_set_stage(job, stage);
        saver_save(job->work->saver);
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
        case REPORT_FACT:
        case REPORT_DIAGNOSTIC:
                if (kinds[job->kind]->learn)
                        kinds[job->kind]->learn(job, report);
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
        const JobEnd end = { .state = work->state,
                             .why = work->state == JOB_DONE ? NULL : &work->why,
                             .finished_usec = work->finished_usec };
        const JobWorkKind *kind = kinds[work->job->kind];
        Manager *manager = work->manager;
        Job *job = work->job;

        job->work = NULL;
        if (end.state == JOB_DONE && kind->announce)
                kind->announce(manager, job);
        manager_finish_job(manager, job, &end);
        job_work_free(work);
}

static void record_end(JobWork *work);

/* What is complete must not be said to be done before that is on disk: nobody would know it any more
 * after a loss of power. So it failed, and is taken back when at least that can be written. */
static void fail_done(JobWork *work, const Failure *why) {
        work->why = *why;
        failure_prefix(&work->why, "The work was complete, but is not on record: ");
        if (work->job->kind == JOB_BUILD)
                work->job->artifact = 0;
        work->state = JOB_FAILED;
        work->withdrawn = true;
        record_end(work);
}

static void on_recorded(const Failure *why, void *userdata) {
        JobWork *work = userdata;
        const JobWorkKind *kind = kinds[work->job->kind];

        chore_free(work->chore);
        work->chore = NULL;
        if (why && work->state == JOB_DONE) {
                fail_done(work, why);
                return;
        }
        if (why)
                log_trouble(why->error, "%s", why->message);
        else if (work->withdrawn && kind->withdraw)
                kind->withdraw(work->manager, work->job);
        leave(work);
}

static void record_end(JobWork *work) {
        const JobEnd end = job_end_now(work->state, work->state == JOB_DONE ? NULL : &work->why);
        Failure failure = {};
        int r;

        work->finished_usec = end.finished_usec;
        r = saver_start_end(&work->chore, work->manager, work->job, &end, on_recorded, work);
        if (r < 0) {
                (void) failure_default(&failure, r, "The record cannot be written");
                on_recorded(&failure, work);
        }
}

static void on_saved(void *userdata) {
        record_end(userdata);
}

/* One at a time: the record of a running job is written first. */
static void on_removed(const Failure *why, void *userdata) {
        JobWork *work = userdata;

        chore_free(work->chore);
        work->chore = NULL;
        if (why)
                log_trouble(why->error,
                            "Ignoring what job %u left: %s",
                            work->job->id,
                            why->message);
        saver_finish(work->saver, on_saved, work);
}

/* What the job made, unless it counts now. */
static void remove_output(JobWork *work) {
        char output[STORE_NAME_SIZE];
        const RemovalItem item = { work->manager->store->artifacts_fd, output };
        const JobWorkKind *kind = kinds[work->job->kind];
        int r;

        if (work->state == JOB_DONE) {
                on_removed(/* why= */ NULL, work);
                return;
        }
        if (kind->give_up)
                kind->give_up(work->manager, work->job);
        artifact_format_output(work->job->id, output);
        r = removal_start(
                        &work->chore,
                        work->manager->event,
                        &item,
                        /* n_items= */ 1,
                        on_removed,
                        work);
        if (r < 0) {
                Failure failure = {};

                (void) failure_default(&failure, r, "It cannot be removed");
                on_removed(&failure, work);
        }
}

static void sweep(JobWork *work);

/* The sweeper may have been killed, as the job's worker before it. What two of them leave, the next start
 * of the service takes away. */
static void on_swept(const Failure *why, void *userdata) {
        JobWork *work = userdata;

        if (why)
                log_trouble(why->error, "Ignoring after job %u: %s", work->job->id, why->message);
        if (!why || work->n_sweeps >= SWEEPS_MAX) {
                remove_output(work);
                return;
        }
        work->sweep = sweep_free(work->sweep);
        sweep(work);
}

static void sweep(JobWork *work) {
        int r = sweep_start(&work->sweep, work->manager, work->job->id, on_swept, work);

        work->n_sweeps++;
        if (r < 0) {
                Failure failure = {};

                (void) failure_set_errno(&failure, r, "its leftovers cannot be swept");
                on_swept(&failure, work);
        }
}

/* First what may still write. One way for all ends, as most of what it looks for is there only after
 * an end that nobody foresaw. */
static void tidy_up(JobWork *work) {
        if (kinds[work->job->kind]->is_contained)
                sweep(work);
        else
                remove_output(work);
}

static void fail(JobWork *work, const Failure *why) {
        work->why = *why;
        (void) failure_default(&work->why, -EIO, "The result cannot be put in place");
        work->state = work->why.error == -EINTR ? JOB_INTERRUPTED : JOB_FAILED;
}

static void on_published(const Failure *why, void *userdata) {
        JobWork *work = userdata;
        const JobWorkKind *kind = kinds[work->job->kind];

        chore_free(work->chore);
        work->chore = NULL;
        if (why)
                fail(work, why);
        else {
                work->state = JOB_DONE;
                if (kind->complete)
                        kind->complete(work->manager, work->job);
        }
        tidy_up(work);
}

typedef struct Publication {
        const Store *store;
        const Job *job;
} Publication;

static int run_publication(const void *argument, Failure *reterr) {
        const Publication *publication = argument;
        const Job *job = publication->job;

        return kinds[job->kind]->publish(publication->store, job, reterr);
}

/* The lock goes with it: no other service may look at the store before its state is decided. */
static void publish(JobWork *work) {
        const Store *store = work->manager->store;
        const Publication publication = { store, work->job };
        const int folder_fd = work->job->task.folder_fd;
        const ChoreWork chore = {
                .run = run_publication,
                .argument = &publication,
                .fds = { store->artifacts_fd, store->lock_fd, store->image_records_fd, folder_fd },
                .n_fds = folder_fd < 0 ? 3 : 4
        };
        Failure failure = {};
        int r;

        if (!kinds[work->job->kind]->publish) {
                on_published(/* why= */ NULL, work);
                return;
        }
        job_set_stage(work->job, STAGE_PUBLISH);
        saver_save(work->saver);
        r = chore_start(&work->chore, work->manager->event, &chore, on_published, work);
        if (r < 0) {
                (void) failure_default(&failure, r, "The result cannot be put in place");
                on_published(&failure, work);
        }
}

/* Whether the work is over, and how. A wish to end it goes before what the worker says, unless it came
 * too late: what an export has switched stays switched. */
static void on_end(const Failure *why, void *userdata) {
        JobWork *work = userdata;
        bool wished = work->state != JOB_RUNNING;

        work->judged = true;
        job_set_ending(work->job);
        if (!why && (!wished || !kinds[work->job->kind]->is_contained)) {
                publish(work);
                return;
        }
        if (!wished)
                fail(work, why);
        tidy_up(work);
}

static int on_failed_start(sd_event_source *source _unused_, void *userdata) {
        JobWork *work = userdata;

        on_end(&work->why, work);
        return 0;
}

static int allow_network(const Settings *settings, Order *order) {
        if (!order->network || !settings->network_allow)
                return 0;
        free(order->network_allow);
        order->network_allow = strv_join(settings->network_allow, ",");
        return order->network_allow ? 0 : -ENOMEM;
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
        job->task.order.reader = manager->settings->reader;
        job->task.order.ids_base = manager->settings->ids_base + job->slot * ID_RANGE_SIZE;
        r = allow_network(manager->settings, &job->task.order);
        if (r >= 0)
                r = kinds[job->kind]->prepare(manager, job, &fds, reterr);
        if (r >= 0)
                r = fds.lock = store_share_lock(manager->store);
        if (r >= 0)
                r = worker_start(
                                &work->worker,
                                manager->event,
                                manager->launcher,
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

        job_start(job);
        if (!work || saver_new(&work->saver, manager, job) < 0) {
                free(work);
                (void) failure_set(
                                &failure,
                                -ENOMEM,
                                "There is not enough memory to start the job; try again.");
                manager_end_job(manager, job, JOB_FAILED, &failure);
                return;
        }
        work->manager = manager;
        work->job = job;
        work->state = JOB_RUNNING;
        job->work = work;
        saver_save(work->saver);
        if (start_worker(work, &work->why) >= 0)
                return;
        (void) failure_default(&work->why, -EIO, "The worker cannot be started");
        if (work->worker)
                worker_cancel(work->worker);
        else if (sd_event_add_defer(manager->event, &work->failed_start, on_failed_start, work) < 0)
                on_end(&work->why, work);
}

void job_work_cancel(Job *job, JobState state, const Failure *why) {
        JobWork *work = job->work;

        assert(work && why && state > JOB_DONE && state < _JOB_STATE_MAX);

        if (work->state != JOB_RUNNING || work->judged)
                return;
        work->state = state;
        work->why = *why;
        job_set_ending(job);
        if (work->worker)
                worker_cancel(work->worker);
}

void job_work_abandon(Job *job) {
        if (!job->work)
                return;
        job_work_free(TAKE_PTR(job->work));
}
