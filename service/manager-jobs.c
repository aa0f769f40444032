/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The manager's jobs, from the draft to the end. Starting them is put off to the event loop, so that
 * a method's reply is on its way before its job begins to speak.
 */

#include "service/manager.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "common/strings.h"
#include "service/id-range.h"
#include "service/job-work.h"
#include "service/log-events.h"
#include "service/queue.h"
#include "service/system-failure.h"

void job_draft_done(JobDraft *draft) {
        free(draft->title);
        free(draft->cookie);
        free(draft->target);
        job_task_done(&draft->task);
        *draft = JOB_DRAFT_NULL;
}

/* ---- the queue ---- */

static QueueState queue_state(const Job *job) {
        if (job->state == JOB_QUEUED)
                return QUEUE_WAITS;
        return job->state == JOB_RUNNING ? QUEUE_RUNS : QUEUE_ENDED;
}

/* NULL when memory is out; of an empty list, too, something to free. */
static QueueEntry *queue_entries(const Manager *manager) {
        QueueEntry *entries = calloc(manager->jobs.n_items + 1, sizeof(*entries));

        for (size_t i = 0; entries && i < manager->jobs.n_items; i++) {
                const Job *job = manager->jobs.items[i];

                entries[i] = (QueueEntry){ queue_state(job), job->owner, job->started_usec };
        }
        return entries;
}

int manager_check_room(const Manager *manager, uid_t owner, Failure *reterr) {
        _cleanup_free_ QueueEntry *entries = queue_entries(manager);

        if (!entries)
                return -ENOMEM;
        return queue_check_room(
                        entries,
                        manager->jobs.n_items,
                        owner,
                        &manager->settings->queue,
                        reterr);
}

int manager_check_target(const Target *target, Failure *reterr) {
        if (target->writer == 0)
                return 0;
        return failure_set(
                        reterr,
                        -EBUSY,
                        "Another job writes to the target '%s'; try again when it has ended.",
                        target->settings->name);
}

static Job *next_job(const Manager *manager) {
        _cleanup_free_ QueueEntry *entries = queue_entries(manager);
        ssize_t next = -ENOMEM;

        if (entries)
                next = queue_next(entries, manager->jobs.n_items, &manager->settings->queue);
        return next < 0 ? NULL : manager->jobs.items[next];
}

/* The first slot that no job has, and no process an id of. There are as many as the limit of running
 * jobs may be. Errors: -EBUSY. */
static int take_slot(Manager *manager) {
        bool used[SETTINGS_RUNNING_MAX] = {};
        int r;

        r = id_range_mark_used(manager->settings->ids_base, used, SETTINGS_RUNNING_MAX);
        if (r < 0)
                return r;
        for (unsigned slot = 0; slot < SETTINGS_RUNNING_MAX; slot++)
                if (!manager->slots[slot] && !used[slot]) {
                        manager->slots[slot] = true;
                        return (int) slot;
                }
        return -EBUSY;
}

void manager_start_jobs(Manager *manager) {
        for (Job *job = next_job(manager); job && !manager->stopping; job = next_job(manager)) {
                int slot = take_slot(manager);

                if (slot < 0) {
                        log_trouble(slot,
                                    "No job can start, as its user ids are in use (idsBase).");
                        return;
                }
                job->slot = (unsigned) slot;
                log_job(&log_event_job_started, job, 0, "started");
                job_work_start(manager, job);
        }
}

/* ---- jobs ---- */

static int insert_job(Manager *manager, Job *job) {
        int r = id_list_insert(&manager->jobs, job);

        if (r >= 0)
                store_note_id(manager->store, job->id);
        return r;
}

static void drop_job(Manager *manager, Job *job) {
        id_list_remove(&manager->jobs, job);
        job_free(job);
}

int manager_adopt_job(Manager *manager, Job *take_job) {
        int r = insert_job(manager, take_job);

        assert(!manager->observer);

        if (r < 0)
                job_free(take_job);
        return r;
}

/* Checks what may have changed while polkit was asked. */
static int check_draft(const Manager *manager, const JobDraft *draft, Failure *reterr) {
        const Target *target = draft->target ? manager_find_target(manager, draft->target) : NULL;
        int r;

        if (manager->stopping)
                return failure_set(reterr, -EBUSY, "The service is being stopped; try again.");
        r = manager_check_room(manager, draft->owner, reterr);
        if (r >= 0 && target)
                r = manager_check_target(target, reterr);
        /* What was shown to whom polkit has asked. */
        if (r >= 0 && target && draft->kind == JOB_RESTORE && target->previous != draft->artifact)
                r = failure_set(reterr,
                                -ESTALE,
                                "The target '%s' was exported to meanwhile, so that another export is the previous one; look at pxectl targets and ask again.",
                                target->settings->name);
        if (r >= 0 && draft->kind == JOB_EXPORT && !manager_find_artifact(manager, draft->artifact))
                r = failure_set(reterr,
                                -ESTALE,
                                "Artifact %u was removed meanwhile; build it again.",
                                draft->artifact);
        return r;
}

/* What the job uses is marked while it lives. */
static void hold(Manager *manager, const Job *job) {
        Target *target = manager_find_target(manager, job->target);
        Artifact *artifact = manager_find_artifact(manager, job->artifact);

        if (target)
                target->writer = job->id;
        if (artifact && job->kind == JOB_EXPORT)
                artifact->n_users++;
}

static void release(Manager *manager, const Job *job) {
        Target *target = manager_find_target(manager, job->target);
        Artifact *artifact = manager_find_artifact(manager, job->artifact);

        if (target && target->writer == job->id)
                target->writer = 0;
        if (artifact && artifact->n_users > 0 && job->kind == JOB_EXPORT)
                artifact->n_users--;
}

static int make_job(Manager *manager, JobDraft *draft, Job **ret, Failure *reterr) {
        _cleanup_(job_freep) Job *job = NULL;
        uint32_t id;
        int r = store_take_id(manager->store, &id, reterr);

        if (r < 0)
                return r;
        r = job_new(&job, id, draft->owner, draft->kind, &draft->task);
        if (r < 0)
                return r;
        job->title = TAKE_PTR(draft->title);
        job->cookie = TAKE_PTR(draft->cookie);
        job->target = TAKE_PTR(draft->target);
        job->artifact = draft->artifact;
        r = job_create_files(job, manager->store, manager->settings->log_max_bytes, reterr);
        if (r < 0) {
                (void) job_remove_files(job, manager->store);
                return r;
        }
        *ret = TAKE_PTR(job);
        return 0;
}

/* Takes the job back that could not be added. */
static void unmake_job(Manager *manager, Job *job) {
        (void) job_remove_files(job, manager->store);
        drop_job(manager, job);
}

int manager_add_job(Manager *manager, JobDraft *take_draft, Job **ret, Failure *reterr) {
        _cleanup_job_draft_ JobDraft draft = *take_draft;
        Job *job;
        int r;

        *take_draft = JOB_DRAFT_NULL;
        r = check_draft(manager, &draft, reterr);
        if (r >= 0)
                r = make_job(manager, &draft, &job, reterr);
        if (r < 0)
                return r;
        r = insert_job(manager, job);
        if (r >= 0 && manager->observer)
                r = manager->observer->on_job_added(manager, job);
        if (r < 0) {
                unmake_job(manager, job);
                return r;
        }
        hold(manager, job);
        manager_note_activity(manager);
        *ret = job;
        return 0;
}

int manager_cancel_job(Manager *manager, Job *job, Failure *reterr) {
        Failure why = {};

        if (!job_is_cancellable(job))
                return failure_set(
                                reterr,
                                -EBUSY,
                                "Job %u cannot be cancelled: it has ended or is about to.",
                                job->id);
        (void) failure_set(
                        &why,
                        -ECANCELED,
                        job->work ? "The job was cancelled."
                                  : "The job was cancelled before it started.");
        if (job->work)
                job_work_cancel(job, JOB_CANCELLED, &why);
        else
                manager_end_job(manager, job, JOB_CANCELLED, &why);
        return 0;
}

int manager_forget_job(Manager *manager, Job *job, Failure *reterr) {
        int r;

        if (job_is_living(job))
                return failure_set(
                                reterr,
                                -EBUSY,
                                "Job %u is %s; cancel it first.",
                                job->id,
                                job_state_to_string(job->state));
        /* The highest number would be forgotten with it. */
        if (manager->jobs.items[manager->jobs.n_items - 1] == job) {
                r = store_keep_id(manager->store, reterr);
                if (r < 0)
                        return r;
        }
        r = job_remove_files(job, manager->store);
        if (r < 0)
                return system_failure_set(reterr, r, "Cannot remove the record of job %u", job->id);
        if (manager->observer)
                manager->observer->on_job_removed(manager, job);
        drop_job(manager, job);
        return 0;
}

static size_t count_ended(const Manager *manager, uid_t owner) {
        size_t n = 0;

        for (size_t i = 0; i < manager->jobs.n_items; i++) {
                const Job *job = manager->jobs.items[i];

                n += job->owner == owner && !job_is_living(job);
        }
        return n;
}

/* The oldest ended job of who has most of them, so that nobody's jobs push another's out. */
static Job *find_forgettable(const Manager *manager) {
        Job *found = NULL;
        size_t most = 0;

        for (size_t i = 0; i < manager->jobs.n_items; i++) {
                Job *job = manager->jobs.items[i];
                size_t n;

                if (job_is_living(job) || (found && found->owner == job->owner))
                        continue;
                n = count_ended(manager, job->owner);
                if (n > most) {
                        most = n;
                        found = job;
                }
        }
        return found;
}

/* Keeps as many ended jobs as the settings say; not while manager_stop() goes through the list. */
static void forget_oldest(Manager *manager) {
        size_t n_ended = 0;

        for (size_t i = 0; i < manager->jobs.n_items; i++)
                n_ended += !job_is_living(manager->jobs.items[i]);
        if (n_ended > manager->settings->jobs_kept && !manager->stopping)
                (void) manager_forget_job(manager, find_forgettable(manager), /* reterr= */ NULL);
}

void manager_finish_job(Manager *manager, Job *job, const JobEnd *end) {
        bool was_running = job->state == JOB_RUNNING;
        const Failure *why = end->why;

        if (why)
                job_log(job, LOG_ERR, why->message);
        release(manager, job);
        job_finish(job, end);
        if (was_running)
                manager->slots[job->slot] = false;
        log_job(end->state == JOB_FAILED ? &log_event_job_failed : &log_event_job_ended,
                job,
                why ? why->error : 0,
                why ? why->message : "done");
        forget_oldest(manager);
        manager_note_activity(manager);
}

void manager_end_job(Manager *manager, Job *job, JobState state, const Failure *why) {
        const JobEnd end = job_end_now(state, why);
        _cleanup_free_ char *text = NULL;
        Failure failure = {};
        int r = job_format_end(job, &end, &text);

        if (r >= 0)
                r = job_write_record(manager->store, job->id, text, &failure);
        if (r < 0) {
                (void) failure_default(&failure, r, "The record cannot be written");
                log_trouble(failure.error, "%s", failure.message);
        }
        manager_finish_job(manager, job, &end);
}
