/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Jobs on the bus: methods and properties. All of it is the owner's and root's. */

#include "service/job-bus.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "dbus/errors.h"
#include "dbus/names.h"
#include "service/access.h"
#include "service/bus-announce.h"
#include "service/bus-gate.h"
#include "service/bus-object.h"
#include "service/job-news.h"
#include "service/plan-bus.h"

#define GET_LOG_DEFAULT_BYTES 65536U

/* Cancel and Forget have nothing to read, and differ in what they do to the job. */
static int act_on_job(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                int (*act)(Manager *manager, Job *job, Failure *reterr),
                sd_bus_error *reterr_error) {
        Job *job = manager_find_job(manager, id);
        Failure failure = {};
        int r;

        if (!job)
                return access_refuse_unknown(m, reterr_error);
        r = act(manager, job, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        return sd_bus_reply_method_return(m, NULL);
}

static int act_cancel(Manager *manager, uint32_t id, sd_bus_message *m, sd_bus_error *error) {
        return act_on_job(manager, id, m, manager_cancel_job, error);
}

static int act_forget(Manager *manager, uint32_t id, sd_bus_message *m, sd_bus_error *error) {
        return act_on_job(manager, id, m, manager_forget_job, error);
}

static int read_log(
                const Job *job,
                const Store *store,
                uint64_t offset,
                uint32_t max,
                JobLogPiece *ret,
                Failure *reterr) {
        int r = job_read_log(
                        job,
                        store,
                        offset,
                        max == 0                      ? GET_LOG_DEFAULT_BYTES
                        : max > JOB_BUS_LOG_MAX_BYTES ? JOB_BUS_LOG_MAX_BYTES
                                                      : max,
                        ret);

        if (r == -EINVAL)
                return failure_set(
                                reterr,
                                r,
                                "The log of job %u ends before offset %" PRIu64
                                "; read on from where the last piece ended.",
                                job->id,
                                offset);
        if (r < 0 && r != -ENOMEM)
                return failure_set(
                                reterr,
                                -EIO,
                                "The log of job %u cannot be read: %s",
                                job->id,
                                strerror(-r));
        return r;
}

static int act_get_log(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        Job *job = manager_find_job(manager, id);
        _cleanup_free_ char *text = NULL;
        Failure failure = {};
        JobLogPiece piece;
        uint64_t offset;
        uint32_t max;
        int r;

        if (!job)
                return access_refuse_unknown(m, reterr_error);
        r = sd_bus_message_read(m, "tu", &offset, &max);
        if (r >= 0)
                r = read_log(job, manager->store, offset, max, &piece, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        text = piece.text;
        job_news_listen(job, m);
        return sd_bus_reply_method_return(m, "stb", text, piece.next, piece.is_last);
}

static int act_get_plan(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        Job *job = manager_find_job(manager, id);

        if (!job)
                return access_refuse_unknown(m, reterr_error);
        if (job->kind != JOB_PLAN)
                return bus_failure(
                                reterr_error,
                                -EINVAL,
                                "This job is no plan; only jobs that Plan() or PlanFromFiles() has started say what a build would make.");
        return plan_bus_reply(m, job->plan);
}

static int append_text(sd_bus_message *reply, const char *text) {
        return sd_bus_message_append(reply, "s", text ? text : "");
}

static BUS_GETTER(property_get_kind) {
        const Job *job = userdata;

        return append_text(reply, job_kind_to_string(job->kind));
}

static BUS_GETTER(property_get_state) {
        const Job *job = userdata;

        return append_text(reply, job_state_to_string(job->state));
}

static BUS_GETTER(property_get_stage) {
        const Job *job = userdata;

        return append_text(reply, job->stage);
}

static BUS_GETTER(property_get_progress) {
        const Job *job = userdata;

        return sd_bus_message_append(reply, "d", job->progress_permille / 1000.0);
}

static BUS_GETTER(property_get_cancellable) {
        const Job *job = userdata;

        return sd_bus_message_append(reply, "b", job_is_cancellable(job));
}

static BUS_GETTER(property_get_artifact) {
        const Job *job = userdata;
        char artifact[BUS_OBJECT_PATH_SIZE];

        bus_object_artifact_path(job->artifact, artifact);
        return sd_bus_message_append(reply, "o", artifact);
}

#define CONST_  SD_BUS_VTABLE_PROPERTY_CONST
#define CHANGES SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

static const sd_bus_vtable job_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Cancel", "", "", bus_gate_method, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Forget", "", "", bus_gate_method, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "GetLog",
                        SD_BUS_ARGS("t", offset, "u", max),
                        SD_BUS_RESULT("s", text, "t", next, "b", end),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "GetPlan",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a{sv}", facts, "a(ss)", problems),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Log", SD_BUS_ARGS("u", priority, "s", line), 0),
        BUS_OBJECT_NUMBER("Id", "u", Job, id, CONST_),
        SD_BUS_PROPERTY("Kind", "s", property_get_kind, 0, CONST_),
        BUS_OBJECT_NUMBER("OwnerUID", "u", Job, owner, CONST_),
        BUS_OBJECT_TEXT("Title", Job, title, CONST_),
        BUS_OBJECT_TEXT("Cookie", Job, cookie, CONST_),
        BUS_OBJECT_NUMBER("Created", "t", Job, created_usec, CONST_),
        SD_BUS_PROPERTY("State", "s", property_get_state, 0, CHANGES),
        SD_BUS_PROPERTY("Stage", "s", property_get_stage, 0, CHANGES),
        SD_BUS_PROPERTY("Progress", "d", property_get_progress, 0, CHANGES),
        SD_BUS_PROPERTY("Cancellable", "b", property_get_cancellable, 0, CHANGES),
        BUS_OBJECT_NUMBER("Started", "t", Job, started_usec, CHANGES),
        BUS_OBJECT_NUMBER("Finished", "t", Job, finished_usec, CHANGES),
        SD_BUS_PROPERTY("Artifact", "o", property_get_artifact, 0, CHANGES),
        BUS_OBJECT_TEXT("ErrorName", Job, error_name, CHANGES),
        BUS_OBJECT_TEXT("ErrorMessage", Job, error_message, CHANGES),
        SD_BUS_VTABLE_END,
};

static const BusMethod job_methods[] = {
        { "Cancel", BUS_ACCESS_OWNER, act_cancel, "cancel", {} },
        { "Forget", BUS_ACCESS_OWNER, act_forget, "forget", {} },
        { "GetLog", BUS_ACCESS_OWNER, act_get_log, "log", {} },
        { "GetPlan", BUS_ACCESS_OWNER, act_get_plan, "plan", {} },
};

const BusInterface job_bus_interface = {
        .name = BUS_INTERFACE_JOB,
        .path = BUS_PATH_JOB,
        .noun = "job",
        .list_offset = offsetof(Manager, jobs),
        .owner_offset = offsetof(Job, owner),
        .vtable = job_vtable,
        .methods = job_methods,
        .n_methods = ELEMENTSOF(job_methods),
};

int job_bus_attach(Manager *manager) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < manager->jobs.n_items; i++)
                r = job_news_attach(manager, manager->jobs.items[i]);
        return r;
}

int job_bus_add(Manager *manager, Job *job) {
        int r = job_news_attach(manager, job);

        if (r >= 0)
                bus_announce_added(manager, &job_bus_interface, job);
        return r;
}

void job_bus_remove(Manager *manager, Job *job) {
        job_news_flush(job);
        bus_announce_removed(manager, &job_bus_interface, job);
}
