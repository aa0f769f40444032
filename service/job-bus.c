/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Jobs on the bus: methods and properties. State, stage and progress are everybody's to see; log and
 * error text are the owner's, so that the text is announced as changed but not sent.
 */

#include "service/job-bus.h"

#include <assert.h>
#include <errno.h>

#include "common/strings.h"
#include "dbus/errors.h"
#include "dbus/names.h"
#include "service/access.h"
#include "service/bus-path.h"
#include "service/bus-property.h"

#define GET_LOG_DEFAULT_BYTES 65536U
#define GET_LOG_MAX_BYTES     (1024U * 1024U)

static int act_cancel(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        Job *job = manager_find_job(manager, id);
        Failure failure = {};
        int r;

        if (!job)
                return access_refuse_unknown(m, reterr_error);
        r = manager_cancel_job(manager, job, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        return sd_bus_reply_method_return(m, NULL);
}

static int act_forget(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        Job *job = manager_find_job(manager, id);
        Failure failure = {};
        int r;

        if (!job)
                return access_refuse_unknown(m, reterr_error);
        r = manager_forget_job(manager, job, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        return sd_bus_reply_method_return(m, NULL);
}

static int act_get_log(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        Job *job = manager_find_job(manager, id);
        _cleanup_free_ char *text = NULL;
        JobLogPiece piece;
        uint64_t offset;
        uint32_t max;
        int r;

        if (!job)
                return access_refuse_unknown(m, reterr_error);
        r = sd_bus_message_read(m, "tu", &offset, &max);
        if (r < 0)
                return r;
        if (max == 0)
                max = GET_LOG_DEFAULT_BYTES;
        if (max > GET_LOG_MAX_BYTES)
                max = GET_LOG_MAX_BYTES;
        r = job_read_log(job, manager->store, offset, max, &piece);
        if (r == -EINVAL)
                return bus_failure(reterr_error, r, "The offset lies behind the end of the log.");
        if (r < 0)
                return bus_failure(reterr_error, r, "The log cannot be read.");
        text = piece.text;
        job_bus_listen(job, m);
        return sd_bus_reply_method_return(m, "stb", text, piece.next, piece.is_last);
}

static int ask(Job *job, sd_bus_message *m, const char *verb, AccessAct act, sd_bus_error *error) {
        const AccessObject object = { "job", job->id, job->owner };

        return access_ask(job_bus_manager(job), m, &object, verb, act, error);
}

static int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        return ask(userdata, m, "cancel", act_cancel, reterr_error);
}

static int method_forget(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        return ask(userdata, m, "forget", act_forget, reterr_error);
}

static int method_get_log(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        return ask(userdata, m, "log", act_get_log, reterr_error);
}

static int append_text(sd_bus_message *reply, const char *text) {
        return sd_bus_message_append(reply, "s", text ? text : "");
}

PROPERTY_GETTER(property_get_kind) {
        const Job *job = userdata;

        return append_text(reply, job_kind_to_string(job->kind));
}

PROPERTY_GETTER(property_get_state) {
        const Job *job = userdata;

        return append_text(reply, job_state_to_string(job->state));
}

PROPERTY_GETTER(property_get_stage) {
        const Job *job = userdata;

        return append_text(reply, job->stage);
}

PROPERTY_GETTER(property_get_text) {
        return append_text(reply, *(char *const *) userdata);
}

PROPERTY_GETTER(property_get_progress) {
        const Job *job = userdata;

        return sd_bus_message_append(reply, "d", job->progress_permille / 1000.0);
}

PROPERTY_GETTER(property_get_cancellable) {
        const Job *job = userdata;

        return sd_bus_message_append(reply, "b", job_is_cancellable(job));
}

PROPERTY_GETTER(property_get_artifact) {
        const Job *job = userdata;
        char artifact[BUS_PATH_SIZE];

        bus_path_of_artifact(job->artifact, artifact);
        return sd_bus_message_append(reply, "o", artifact);
}

/* A stranger's config may speak in it. */
PROPERTY_GETTER(property_get_error_message) {
        const Job *job = userdata;

        if (!job->error_message || !access_is_own(bus, job->owner))
                return append_text(reply, "");
        return append_text(reply, job->error_message);
}

static const sd_bus_vtable job_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Cancel", "", "", method_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Forget", "", "", method_forget, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "GetLog",
                        SD_BUS_ARGS("t", offset, "u", max),
                        SD_BUS_RESULT("s", text, "t", next, "b", end),
                        method_get_log,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Log", SD_BUS_ARGS("u", priority, "s", line), 0),
        SD_BUS_PROPERTY("Id", "u", NULL, offsetof(Job, id), SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Kind", "s", property_get_kind, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("OwnerUID", "u", NULL, offsetof(Job, owner), SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Title",
                        "s",
                        property_get_text,
                        offsetof(Job, title),
                        SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Cookie",
                        "s",
                        property_get_text,
                        offsetof(Job, cookie),
                        SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Created",
                        "t",
                        NULL,
                        offsetof(Job, created_usec),
                        SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("State", "s", property_get_state, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Stage", "s", property_get_stage, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Progress",
                        "d",
                        property_get_progress,
                        0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Cancellable",
                        "b",
                        property_get_cancellable,
                        0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Started",
                        "t",
                        NULL,
                        offsetof(Job, started_usec),
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Finished",
                        "t",
                        NULL,
                        offsetof(Job, finished_usec),
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Artifact",
                        "o",
                        property_get_artifact,
                        0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("ErrorName",
                        "s",
                        property_get_text,
                        offsetof(Job, error_name),
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("ErrorMessage",
                        "s",
                        property_get_error_message,
                        0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION),
        SD_BUS_VTABLE_END,
};

static int find_job(
                sd_bus *bus,
                const char *path,
                const char *interface,
                void *userdata,
                void **ret_found,
                sd_bus_error *reterr_error) {
        uint32_t id;

        (void) bus;
        (void) interface;
        (void) reterr_error;
        if (!bus_path_to_id(path, BUS_PATH_JOB, &id))
                return 0;
        *ret_found = manager_find_job(userdata, id);
        return *ret_found != NULL;
}

static int enumerate_jobs(
                sd_bus *bus,
                const char *prefix,
                void *userdata,
                char ***ret_nodes,
                sd_bus_error *reterr_error) {
        _cleanup_strv_ char **nodes = NULL;
        const Manager *manager = userdata;

        (void) bus;
        (void) prefix;
        (void) reterr_error;
        for (size_t i = 0; i < manager->n_jobs; i++) {
                char path[BUS_PATH_SIZE];

                bus_path_of_job(manager->jobs[i]->id, path);
                if (strv_append(&nodes, path) < 0)
                        return -ENOMEM;
        }
        *ret_nodes = TAKE_PTR(nodes);
        return 1;
}

int job_bus_register(Manager *manager) {
        int r = sd_bus_add_fallback_vtable(
                        manager->bus,
                        /* slot= */ NULL,
                        BUS_PATH_JOB,
                        BUS_INTERFACE_JOB,
                        job_vtable,
                        find_job,
                        manager);

        if (r >= 0)
                r = sd_bus_add_node_enumerator(
                                manager->bus,
                                /* slot= */ NULL,
                                BUS_PATH_JOB,
                                enumerate_jobs,
                                manager);
        return r;
}
