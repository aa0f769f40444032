/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The manager on the bus: the flat lists, which everybody may read, and the table of methods. */

#include "service/manager-bus.h"

#include <assert.h>
#include <errno.h>

#include "dbus/errors.h"
#include "dbus/names.h"
#include "service/artifact-bus.h"
#include "service/build-bus.h"
#include "service/bus-path.h"
#include "service/bus-property.h"
#include "service/export-bus.h"
#include "service/images.h"
#include "service/job-bus.h"

#ifndef PXED_VERSION
#define PXED_VERSION "0"
#endif

typedef int (*AppendItems)(sd_bus_message *reply, const Manager *manager);

/* Answers with an array of structs, which `append` fills in. */
static int reply_list(
                sd_bus_message *m,
                const Manager *manager,
                const char *item_signature,
                AppendItems append) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r = sd_bus_message_new_method_return(m, &reply);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', item_signature);
        if (r >= 0)
                r = append(reply, manager);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(manager->bus, reply, /* ret_cookie= */ NULL);
}

static int append_jobs(sd_bus_message *reply, const Manager *manager) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < manager->n_jobs; i++) {
                const Job *job = manager->jobs[i];
                char path[BUS_PATH_SIZE];

                bus_path_of_job(job->id, path);
                r = sd_bus_message_append(
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
        return r;
}

static int append_artifacts(sd_bus_message *reply, const Manager *manager) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < manager->n_artifacts; i++) {
                const Artifact *artifact = manager->artifacts[i];
                char path[BUS_PATH_SIZE];

                bus_path_of_artifact(artifact->id, path);
                r = sd_bus_message_append(
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
        return r;
}

static int append_targets(sd_bus_message *reply, const Manager *manager) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < manager->n_targets; i++) {
                const Target *target = &manager->targets[i];

                r = sd_bus_message_append(
                                reply,
                                "(ssub)",
                                target->settings->name,
                                target->settings->url,
                                target->current,
                                target->previous > 0);
        }
        return r;
}

static int method_list_jobs(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        (void) reterr_error;
        return reply_list(m, userdata, "(uousssdt)", append_jobs);
}

static int method_list_artifacts(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        (void) reterr_error;
        return reply_list(m, userdata, "(uousstt)", append_artifacts);
}

static int method_list_targets(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        (void) reterr_error;
        return reply_list(m, userdata, "(ssub)", append_targets);
}

static int method_list_images(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_images_ Images images = {};
        const Manager *manager = userdata;
        Failure failure = {};
        int r;

        r = images_list(manager->settings->images, &images, &failure);
        if (r < 0)
                return bus_failure(reterr_error, -EIO, failure.message);
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(st)");
        for (size_t i = 0; r >= 0 && i < images.n_items; i++)
                r = sd_bus_message_append(
                                reply,
                                "(st)",
                                images.items[i].name,
                                images.items[i].size_bytes);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(manager->bus, reply, /* ret_cookie= */ NULL);
}

PROPERTY_GETTER(property_get_version) {
        (void) userdata;
        return sd_bus_message_append(reply, "s", PXED_VERSION);
}

PROPERTY_GETTER(property_get_max_running) {
        const Manager *manager = userdata;

        return sd_bus_message_append(reply, "u", manager->settings->queue.running);
}

PROPERTY_GETTER(property_get_max_jobs_per_user) {
        const Manager *manager = userdata;

        return sd_bus_message_append(reply, "u", manager->settings->queue.living_per_user);
}

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS(
                        "Build",
                        SD_BUS_ARGS("s", image, "s", config, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        build_bus_method_build,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "BuildFromFiles",
                        SD_BUS_ARGS("h", image, "h", context, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        build_bus_method_build_from_files,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "Validate",
                        SD_BUS_ARGS("s", config, "a{sv}", options),
                        SD_BUS_RESULT("a(suus)", diagnostics),
                        build_bus_method_validate,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListImages",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(st)", images),
                        method_list_images,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListJobs",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(uousssdt)", jobs),
                        method_list_jobs,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListArtifacts",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(uousstt)", artifacts),
                        method_list_artifacts,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListTargets",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(ssub)", targets),
                        method_list_targets,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "RestoreExport",
                        SD_BUS_ARGS("s", target, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        export_bus_method_restore,
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
        SD_BUS_VTABLE_END,
};

int manager_bus_register(Manager *manager) {
        int r;

        r = sd_bus_add_object_vtable(
                        manager->bus,
                        /* slot= */ NULL,
                        BUS_PATH,
                        BUS_INTERFACE_MANAGER,
                        manager_vtable,
                        manager);
        if (r >= 0)
                r = sd_bus_add_object_manager(manager->bus, /* slot= */ NULL, BUS_PATH);
        if (r >= 0)
                r = job_bus_register(manager);
        if (r >= 0)
                r = artifact_bus_register(manager);
        return r;
}
