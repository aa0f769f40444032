/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The manager: all jobs, artifacts and targets, and what happens between them. Jobs come from
 * requests, wait in the queue, run one worker each and end; artifacts come from builds.
 *
 * Objects are found by number each time they are needed: what waits for polkit or a worker keeps
 * numbers, never pointers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "common/failure.h"
#include "polkit/authorize.h"
#include "service/artifact.h"
#include "service/bus-interface.h"
#include "service/callers.h"
#include "service/id-list.h"
#include "service/image-records.h"
#include "service/job.h"
#include "service/launcher.h"
#include "service/settings.h"
#include "service/store.h"
#include "service/target.h"

typedef struct ImageLook ImageLook;
typedef struct Request Request;

/* Hears of objects that come and go: the bus. Nothing is told before it is set. */
typedef struct ManagerObserver {
        /* The job is in the list, and nobody has seen it yet. An error takes it back. */
        int (*on_job_added)(Manager *manager, Job *job);
        void (*on_artifact_added)(Manager *manager, Artifact *artifact);
        /* While they are still in their lists. */
        void (*on_job_removed)(Manager *manager, Job *job);
        void (*on_artifact_removed)(Manager *manager, Artifact *artifact);
} ManagerObserver;

struct Manager {
        sd_event *event;
        sd_bus *bus;
        const Settings *settings; /* borrowed */
        Store *store;             /* borrowed */
        Launcher *launcher;       /* borrowed */
        Callers *callers;
        const BusInterface *const *interfaces; /* all of ours, ends with NULL */
        Authorizer *authorizer;
        IdList jobs;      /* of Job */
        IdList artifacts; /* of Artifact */
        Target *targets;  /* as in the settings */
        size_t n_targets;
        ImageRecords image_records;
        ImageLook *image_look; /* NULL: none runs */
        char **features;       /* of sandbox_prepare(): name, value, name, … */
        Request *requests;     /* that wait for a reader or for polkit */
        bool slots[SETTINGS_RUNNING_MAX];
        bool stopping;
        int exit_status;      /* once it is stopping */
        uint64_t active_usec; /* CLOCK_MONOTONIC: when it last had something to do */
        bool took_name_back; /* see idle.c; whoever watches the name waits for the end since then */
        bool was_told_to_end; /* for that */
        sd_event_source *schedule_source;
        const ManagerObserver *observer; /* NULL: none yet */
};

/* What a new job is made of; emptied by manager_add_job(). */
typedef struct JobDraft {
        JobKind kind;
        uid_t owner;
        char *title;
        char *cookie;
        char *target;      /* export, restore */
        uint32_t artifact; /* export: to publish; restore: what comes back */
        JobTask task;
} JobDraft;

#define JOB_DRAFT_NULL                \
        (JobDraft) {                  \
                .task = JOB_TASK_NULL \
        }

/* Settings, store and launcher are borrowed, the bus is referenced. Registers nothing on the bus. */
int manager_new(Manager **ret,
                sd_event *event,
                sd_bus *bus,
                const Settings *settings,
                Store *store,
                Launcher *launcher,
                Failure *reterr);
/* Workers that still run are killed, their jobs stay as they are in their records. */
Manager *manager_free(Manager *manager);
DEFINE_CLEANUP(Manager *, manager_free);

/* NULL when there is none. */
Job *manager_find_job(const Manager *manager, uint32_t id);
Artifact *manager_find_artifact(const Manager *manager, uint32_t id);
Target *manager_find_target(const Manager *manager, const char *name);

/* Whether one more job may be added for this user. Errors: -EDQUOT. */
int manager_check_room(const Manager *manager, uid_t owner, Failure *reterr);
/* Whether an export or a restore may be added. Errors: -EBUSY while another job writes there. */
int manager_check_target(const Target *target, Failure *reterr);

/* Makes a job: number, record, announcement, queue. Takes what is in the draft in any case; `ret` is
 * borrowed. Blocks for some fsync(). Errors: -EDQUOT, -EBUSY, -ESTALE when the artifact has gone
 * meanwhile; those of writing, with a sentence. */
int manager_add_job(Manager *manager, JobDraft *take_draft, Job **ret, Failure *reterr);
/* For what recovery finds, before there is an observer. Takes ownership in any case. Errors: -ENOMEM. */
int manager_adopt_job(Manager *manager, Job *take_job);

/* Returns at once; the job ends later, but for a queued one. Errors: -EBUSY when the job is not
 * cancellable. */
int manager_cancel_job(Manager *manager, Job *job, Failure *reterr);
/* Frees the job and removes its record. Errors: -EBUSY while it lives. */
int manager_forget_job(Manager *manager, Job *job, Failure *reterr);

/* Takes ownership in any case. Errors: -ENOMEM. */
int manager_add_artifact(Manager *manager, Artifact *take_artifact);
/* Frees the artifact; its bytes are removed by a child. Errors: -EBUSY while a job uses it. */
int manager_remove_artifact(Manager *manager, Artifact *artifact, Failure *reterr);

/* Its bytes are removed by a child; `name` is what artifact_hide() returned. */
void manager_remove_hidden(Manager *manager, const char *name);

/* The end of a job, when nothing of its work is left: of one whose record says so already, ... */
void manager_finish_job(Manager *manager, Job *job, const JobEnd *end);
/* ... or of one that has not run: writes the record. Blocks for some fsync(). */
void manager_end_job(Manager *manager, Job *job, JobState state, const Failure *why);

/* True when nothing runs, waits or is asked for. */
bool manager_is_idle(const Manager *manager);
/* To be called whenever there is something to do or something has ended. */
void manager_note_activity(Manager *manager);
uint64_t manager_now_usec(const Manager *manager); /* CLOCK_MONOTONIC */
/* Starts what may start. The event loop calls it after manager_note_activity(). */
void manager_start_jobs(Manager *manager);
/* Ends all jobs as interrupted and, when nothing is left of them, the event loop with that status.
 * `cause` begins their sentences: "The service was stopped". */
void manager_stop(Manager *manager, const char *cause, int exit_status);

void job_draft_done(JobDraft *draft);
#define _cleanup_job_draft_ _cleanup_(job_draft_done)
