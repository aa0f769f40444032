/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The manager on the bus: the flat lists, the table of methods, and all interfaces together. */

#include "service/manager-bus.h"

#include "dbus/errors.h"
#include "dbus/names.h"
#include "service/artifact-bus.h"
#include "service/build-bus.h"
#include "service/bus-gate.h"
#include "service/bus-list.h"
#include "service/bus-object.h"
#include "service/export-bus.h"
#include "service/images-bus.h"
#include "service/import-bus.h"
#include "service/job-bus.h"

#ifndef PXED_VERSION
#define PXED_VERSION "0"
#endif

#define BUS_ACT(name)                  \
        int name(Manager *manager,     \
                 uint32_t id _unused_, \
                 sd_bus_message *m,    \
                 sd_bus_error *reterr_error _unused_)

static int append_job(sd_bus_message *reply, const void *object) {
        const Job *job = object;
        char path[BUS_OBJECT_PATH_SIZE];

        bus_object_job_path(job->id, path);
        return sd_bus_message_append(
                        reply,
                        "(uousssdt)",
                        job->id,
                        path,
                        job->owner,
                        job_kind_to_string(job->kind),
                        job_state_to_string(job->state),
                        job->stage,
                        job->progress_permille / 1000.0,
                        job->created_usec);
}

static int append_artifact(sd_bus_message *reply, const void *object) {
        const Artifact *artifact = object;
        char path[BUS_OBJECT_PATH_SIZE];

        bus_object_artifact_path(artifact->id, path);
        return sd_bus_message_append(
                        reply,
                        "(uousstt)",
                        artifact->id,
                        path,
                        artifact->owner,
                        artifact->title,
                        artifact->format,
                        artifact->size_bytes,
                        artifact->created_usec);
}

static int append_target(sd_bus_message *reply, const void *targets, size_t index) {
        const Target *target = (const Target *) targets + index;

        return sd_bus_message_append(
                        reply,
                        "(ssub)",
                        target->settings->name,
                        target->settings->url,
                        target->current,
                        target->previous > 0);
}

static BUS_ACT(act_list_jobs) {
        return bus_object_reply_list(
                        manager,
                        &job_bus_interface,
                        BUS_OBJECTS_OWN,
                        m,
                        "(uousssdt)",
                        append_job);
}

static BUS_ACT(act_list_all_jobs) {
        return bus_object_reply_list(
                        manager,
                        &job_bus_interface,
                        BUS_OBJECTS_ALL,
                        m,
                        "(uousssdt)",
                        append_job);
}

static BUS_ACT(act_list_artifacts) {
        return bus_object_reply_list(
                        manager,
                        &artifact_bus_interface,
                        BUS_OBJECTS_OWN,
                        m,
                        "(uousstt)",
                        append_artifact);
}

static BUS_ACT(act_list_all_artifacts) {
        return bus_object_reply_list(
                        manager,
                        &artifact_bus_interface,
                        BUS_OBJECTS_ALL,
                        m,
                        "(uousstt)",
                        append_artifact);
}

static BUS_ACT(act_list_targets) {
        return bus_list_reply(m, "(ssub)", manager->targets, manager->n_targets, append_target);
}

static BUS_GETTER(property_get_version) {
        (void) userdata;
        return sd_bus_message_append(reply, "s", PXED_VERSION);
}

static BUS_GETTER(property_get_max_running) {
        const Manager *manager = userdata;

        return sd_bus_message_append(reply, "u", manager->settings->queue.running);
}

static BUS_GETTER(property_get_max_jobs_per_user) {
        const Manager *manager = userdata;

        return sd_bus_message_append(reply, "u", manager->settings->queue.living_per_user);
}

static BUS_GETTER(property_get_sandbox_features) {
        const Manager *manager = userdata;
        int r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "{ss}");

        for (char **pair = manager->features; r >= 0 && pair && pair[0] && pair[1]; pair += 2)
                r = sd_bus_message_append(reply, "{ss}", pair[0], pair[1]);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS(
                        "Build",
                        SD_BUS_ARGS("s", image, "s", config, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "BuildFromFiles",
                        SD_BUS_ARGS("h", image, "h", context, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "Plan",
                        SD_BUS_ARGS("s", image, "s", config, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "PlanFromFiles",
                        SD_BUS_ARGS("h", image, "h", context, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ImportImage",
                        SD_BUS_ARGS("h", image, "s", name, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "Validate",
                        SD_BUS_ARGS("s", config, "a{sv}", options),
                        SD_BUS_RESULT("a(suus)", diagnostics),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListImages",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(ssts)", images),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "RemoveImage",
                        SD_BUS_ARGS("s", image),
                        SD_BUS_NO_RESULT,
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListJobs",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(uousssdt)", jobs),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListArtifacts",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(uousstt)", artifacts),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListAllJobs",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(uousssdt)", jobs),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListAllArtifacts",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(uousstt)", artifacts),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListTargets",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(ssub)", targets),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "RestoreExport",
                        SD_BUS_ARGS("s", target, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("Version", "s", property_get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("MaxRunning",
                        "u",
                        property_get_max_running,
                        0,
                        SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("MaxJobsPerUser",
                        "u",
                        property_get_max_jobs_per_user,
                        0,
                        SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("SandboxFeatures",
                        "a{ss}",
                        property_get_sandbox_features,
                        0,
                        SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};

static const ManagerObserver observer = {
        .on_job_added = job_bus_add,
        .on_job_removed = job_bus_remove,
        .on_artifact_added = artifact_bus_add,
        .on_artifact_removed = artifact_bus_remove,
};

/* clang-format off */
static const BusMethod manager_methods[] = {
        { "Build",            BUS_ACCESS_ACTION,   build_bus_act_build,            NULL,   { AUTHORIZE_ACTION_BUILD, AUTHORIZE_ACTION_BUILD_ONLINE } },
        { "BuildFromFiles",   BUS_ACCESS_ACTION,   build_bus_act_build_from_files, NULL,   { AUTHORIZE_ACTION_BUILD, AUTHORIZE_ACTION_BUILD_ONLINE } },
        { "Plan",             BUS_ACCESS_ACTION,   build_bus_act_plan,             NULL,   { AUTHORIZE_ACTION_BUILD } },
        { "PlanFromFiles",    BUS_ACCESS_ACTION,   build_bus_act_plan_from_files,  NULL,   { AUTHORIZE_ACTION_BUILD } },
        { "ImportImage",      BUS_ACCESS_ACTION,   import_bus_act_import,          NULL,   { AUTHORIZE_ACTION_IMPORT } },
        { "Validate",         BUS_ACCESS_HARMLESS, build_bus_act_validate,         NULL,   {} },
        { "ListImages",       BUS_ACCESS_HARMLESS, images_bus_act_list,            NULL,   {} },
        { "RemoveImage",      BUS_ACCESS_NAMED,    images_bus_act_remove,          "remove", {}, images_bus_whose },
        { "ListJobs",         BUS_ACCESS_HARMLESS, act_list_jobs,                  NULL,   {} },
        { "ListArtifacts",    BUS_ACCESS_HARMLESS, act_list_artifacts,             NULL,   {} },
        { "ListAllJobs",      BUS_ACCESS_MANAGER,  act_list_all_jobs,              "list", {} },
        { "ListAllArtifacts", BUS_ACCESS_MANAGER,  act_list_all_artifacts,         "list", {} },
        { "ListTargets",      BUS_ACCESS_HARMLESS, act_list_targets,               NULL,   {} },
        { "RestoreExport",    BUS_ACCESS_ACTION,   export_bus_act_restore,         NULL,   { AUTHORIZE_ACTION_EXPORT } },
};
/* clang-format on */

static const BusInterface manager_bus_interface = {
        .name = BUS_INTERFACE_MANAGER,
        .path = BUS_PATH,
        .vtable = manager_vtable,
        .methods = manager_methods,
        .n_methods = ELEMENTSOF(manager_methods),
};

static const BusInterface *const interfaces[] = {
        &manager_bus_interface,
        &job_bus_interface,
        &artifact_bus_interface,
        NULL,
};

int manager_bus_register(Manager *manager, Failure *reterr) {
        int r;

        manager->interfaces = interfaces;
        r = bus_gate_open(manager);
        for (size_t i = 0; r >= 0 && interfaces[i]; i++)
                r = bus_object_register(manager, interfaces[i], reterr);
        if (r >= 0)
                r = sd_bus_add_object_manager(manager->bus, /* slot= */ NULL, BUS_PATH);
        if (r >= 0)
                r = job_bus_attach(manager);
        if (r >= 0)
                manager->observer = &observer;
        return r;
}
