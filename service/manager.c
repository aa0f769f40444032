/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The manager: its lists of artifacts and targets, its beginning and its end. */

#include "service/manager.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "common/strings.h"
#include "service/image-look.h"
#include "service/job-work.h"
#include "service/log-events.h"
#include "service/removal.h"
#include "service/request.h"
#include "service/system-failure.h"

/* ---- finding ---- */

static_assert(offsetof(Job, id) == 0, "an IdList reads the number there");
static_assert(offsetof(Artifact, id) == 0, "an IdList reads the number there");

Job *manager_find_job(const Manager *manager, uint32_t id) {
        return id_list_find(&manager->jobs, id);
}

Artifact *manager_find_artifact(const Manager *manager, uint32_t id) {
        return id_list_find(&manager->artifacts, id);
}

Target *manager_find_target(const Manager *manager, const char *name) {
        for (size_t i = 0; i < manager->n_targets; i++)
                if (str_equal(manager->targets[i].settings->name, name))
                        return &manager->targets[i];
        return NULL;
}

/* ---- artifacts ---- */

int manager_add_artifact(Manager *manager, Artifact *take_artifact) {
        _cleanup_(artifact_freep) Artifact *artifact = take_artifact;
        int r = id_list_insert(&manager->artifacts, artifact);

        if (r < 0)
                return r;
        store_note_id(manager->store, artifact->id);
        if (manager->observer)
                manager->observer->on_artifact_added(manager, artifact);
        TAKE_PTR(artifact);
        return 0;
}

void manager_remove_hidden(Manager *manager, const char *name) {
        const RemovalItem item = { manager->store->artifacts_fd, name };
        int r = removal_start(
                        /* ret= */ NULL,
                        manager->event,
                        &item,
                        /* n_items= */ 1,
                        /* callback= */ NULL,
                        /* userdata= */ NULL);

        if (r < 0)
                log_trouble(r, "Cannot remove '%s', ignoring: %s", name, strerror(-r));
}

/* The name goes at once, so that the artifact is gone whole; its bytes may take longer and go when
 * the service starts the next time, if it is stopped meanwhile. */
int manager_remove_artifact(Manager *manager, Artifact *artifact, Failure *reterr) {
        char name[STORE_NAME_SIZE];
        int r;

        if (artifact->n_users > 0)
                return failure_set(
                                reterr,
                                -EBUSY,
                                "Artifact %u is being exported; try again when the job has ended.",
                                artifact->id);
        r = artifact_hide(artifact, manager->store, name);
        if (r < 0)
                return system_failure_set(reterr, r, "Cannot remove artifact %u", artifact->id);
        manager_remove_hidden(manager, name);
        if (manager->observer)
                manager->observer->on_artifact_removed(manager, artifact);
        id_list_remove(&manager->artifacts, artifact);
        artifact_free(artifact);
        return 0;
}

/* ---- life ---- */

static int on_schedule(sd_event_source *source _unused_, void *userdata) {
        manager_start_jobs(userdata);
        return 0;
}

static void on_caller_left(const char *name, void *userdata) {
        requests_drop(userdata, name);
}

static int load_targets(Manager *manager) {
        const Settings *settings = manager->settings;

        manager->targets = calloc(settings->n_targets + 1, sizeof(*manager->targets));
        if (!manager->targets)
                return -ENOMEM;
        manager->n_targets = settings->n_targets;
        for (size_t i = 0; i < manager->n_targets; i++) {
                Failure failure = {};

                manager->targets[i].settings = &settings->targets[i];
                if (target_load(&manager->targets[i], manager->store, &failure) < 0)
                        log_trouble(failure.error, "%s", failure.message);
        }
        return 0;
}

int manager_new(Manager **ret,
                sd_event *event,
                sd_bus *bus,
                const Settings *settings,
                Store *store,
                Launcher *launcher,
                Failure *reterr) {
        _cleanup_(manager_freep) Manager *manager = calloc(1, sizeof(*manager));
        int r;

        assert(ret && event && bus && settings && store && launcher);

        if (!manager)
                return -ENOMEM;
        *manager = (Manager){
                .event = sd_event_ref(event),
                .bus = sd_bus_ref(bus),
                .settings = settings,
                .store = store,
                .launcher = launcher,
        };
        r = load_targets(manager);
        if (r >= 0)
                r = authorizer_new(&manager->authorizer, bus);
        if (r >= 0)
                r = callers_new(&manager->callers,
                                bus,
                                event,
                                &settings->callers,
                                on_caller_left,
                                manager);
        if (r >= 0)
                r = sd_event_add_defer(event, &manager->schedule_source, on_schedule, manager);
        if (r >= 0)
                r = sd_event_source_set_enabled(manager->schedule_source, SD_EVENT_OFF);
        if (r < 0)
                return system_failure_set(reterr, r, "The service cannot be set up");
        *ret = TAKE_PTR(manager);
        return 0;
}

Manager *manager_free(Manager *manager) {
        if (!manager)
                return NULL;
        /* Questions first: their callbacks hear of it and free their requests. */
        authorizer_free(manager->authorizer);
        while (manager->requests)
                request_free(manager->requests);
        for (size_t i = 0; i < manager->jobs.n_items; i++) {
                job_work_abandon(manager->jobs.items[i]);
                job_free(manager->jobs.items[i]);
        }
        id_list_done(&manager->jobs);
        image_look_free(manager->image_look);
        image_records_done(&manager->image_records);
        strv_free(manager->features);
        for (size_t i = 0; i < manager->artifacts.n_items; i++)
                artifact_free(manager->artifacts.items[i]);
        id_list_done(&manager->artifacts);
        free(manager->targets);
        callers_free(manager->callers);
        sd_event_source_disable_unref(manager->schedule_source);
        sd_bus_unref(manager->bus);
        sd_event_unref(manager->event);
        free(manager);
        return NULL;
}

static bool has_living_job(const Manager *manager) {
        for (size_t i = 0; i < manager->jobs.n_items; i++)
                if (job_is_living(manager->jobs.items[i]))
                        return true;
        return false;
}

bool manager_is_idle(const Manager *manager) {
        return !manager->requests && authorizer_count_pending(manager->authorizer) == 0 &&
               !manager->image_look && !has_living_job(manager);
}

uint64_t manager_now_usec(const Manager *manager) {
        uint64_t now = 0;

        (void) sd_event_now(manager->event, CLOCK_MONOTONIC, &now);
        return now;
}

void manager_note_activity(Manager *manager) {
        manager->active_usec = manager_now_usec(manager);
        (void) sd_event_source_set_enabled(manager->schedule_source, SD_EVENT_ONESHOT);
        if (manager->stopping && !has_living_job(manager))
                (void) sd_event_exit(manager->event, manager->exit_status);
}

void manager_stop(Manager *manager, const char *cause, int exit_status) {
        if (manager->stopping)
                return;
        manager->stopping = true;
        manager->exit_status = exit_status;
        for (size_t i = 0; i < manager->jobs.n_items; i++) {
                Job *job = manager->jobs.items[i];
                Failure why = {};

                if (!job_is_living(job))
                        continue;
                (void) failure_set(
                                &why,
                                -EINTR,
                                "%s %s; start it again.",
                                cause,
                                job->work ? "while the job ran" : "before the job started");
                if (job->work)
                        job_work_cancel(job, JOB_INTERRUPTED, &why);
                else
                        manager_end_job(manager, job, JOB_INTERRUPTED, &why);
        }
        manager_note_activity(manager);
}
