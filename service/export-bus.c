/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Export and RestoreExport: a target, an artifact, and polkit's word each time. */

#include "service/export-bus.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "dbus/errors.h"
#include "service/access.h"
#include "service/method-options.h"
#include "service/request.h"

/* What one of the two was asked for. */
typedef struct Call {
        JobKind kind;
        Target *target;
        uint32_t artifact; /* that will be exported there */
        MethodOptions options;
} Call;

static void call_done(Call *call) {
        method_options_done(&call->options);
}
#define _cleanup_call_ _cleanup_(call_done)

static int read_call(Manager *manager, sd_bus_message *m, Call *call, Failure *reterr) {
        const char *name;
        int r = sd_bus_message_read(m, "s", &name);

        if (r >= 0)
                r = method_options_read(m, METHOD_OPTIONS_JOB, &call->options, reterr);
        if (r < 0)
                return r;
        call->target = manager_find_target(manager, name);
        if (!call->target)
                return failure_set(
                                reterr,
                                -EHOSTUNREACH,
                                "There is no target '%.100s' in the service's settings; pxectl targets lists those that are there.",
                                name);
        return 0;
}

/* Authorize, act and reply, for both. */
static int ask(Manager *manager, sd_bus_message *m, Call *call, sd_bus_error *reterr_error) {
        _cleanup_(request_freep) Request *request = NULL;
        Failure failure = {};
        const char *target;
        char id[16];
        int r;

        r = request_new(&request, manager, m, reterr_error);
        if (r < 0)
                return r;
        r = manager_check_room(manager, request->draft.owner, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        target = call->target->settings->name;
        request->draft.kind = call->kind;
        request->draft.artifact = call->artifact;
        request->draft.target = strdup(target);
        request->draft.title = strdup(call->options.title ? call->options.title : target);
        request->draft.cookie = TAKE_PTR(call->options.cookie);
        if (!request->draft.target || !request->draft.title)
                return -ENOMEM;
        (void) snprintf(id, sizeof(id), "%u", call->artifact);
        const AuthorizeDetail details[] = {
                { "target", request->draft.target },
                { "artifact", id },
                { "title", request->draft.title },
        };
        return request_authorize(
                        TAKE_PTR(request),
                        AUTHORIZE_ACTION_EXPORT,
                        details,
                        ELEMENTSOF(details),
                        reterr_error);
}

int export_bus_act_export(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        const Artifact *artifact = manager_find_artifact(manager, id);
        _cleanup_manifest_ Manifest manifest = {};
        _cleanup_call_ Call call = { .kind = JOB_EXPORT, .artifact = id };
        Failure failure = {};
        int r;

        if (!artifact)
                return access_refuse_unknown(m, reterr_error);
        /* Read. */
        r = read_call(manager, m, &call, &failure);
        /* Validate. */
        if (r >= 0)
                r = artifact_read_manifest(
                                artifact,
                                manager->store,
                                /* ret_text= */ NULL,
                                &manifest,
                                &failure);
        if (r >= 0)
                r = manifest_check_url(&manifest, call.target->settings->url, &failure);
        if (r >= 0)
                r = manager_check_target(call.target, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        return ask(manager, m, &call, reterr_error);
}

int export_bus_act_restore(
                Manager *manager,
                uint32_t id _unused_,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        _cleanup_call_ Call call = { .kind = JOB_RESTORE };
        Failure failure = {};
        int r;

        /* Read. */
        r = read_call(manager, m, &call, &failure);
        /* Validate. */
        if (r >= 0 && call.target->previous == 0)
                r = failure_set(&failure,
                                -ESTALE,
                                "The target '%s' has no previous export to go back to; export the artifact that is wanted there.",
                                call.target->settings->name);
        if (r >= 0)
                r = manager_check_target(call.target, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        call.artifact = call.target->previous;
        return ask(manager, m, &call, reterr_error);
}
