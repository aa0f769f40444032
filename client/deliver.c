/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the service to the user. */

#include "client/deliver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/call.h"
#include "client/print.h"
#include "common/json.h"
#include "common/strings.h"
#include "dbus/names.h"

static int tell_json(unsigned id, const Output *output, const Artifact *artifact, bool removed) {
        _cleanup_json_ Json json = {};

        json_begin_object(&json, NULL);
        json_number(&json, "artifact", id); /* its job has the same number */
        json_bool(&json, "removed", removed);
        json_begin_array(&json, "outputs");
        if (output)
                output_to_json(output, artifact, &json);
        json_end_array(&json);
        json_end_object(&json);
        return print_json(&json);
}

static int tell(unsigned id,
                const Output *output,
                const Artifact *artifact,
                DeliverFlags flags,
                bool removed) {
        if (flags & DELIVER_JSON)
                return tell_json(id, output, artifact, removed);
        if (flags & DELIVER_QUIET)
                return 0;
        if (output)
                output_print(output, artifact, stdout);
        if (!output)
                printf("Artifact %u is with the service; pxectl pull %u gets it.\n", id, id);
        else if (removed)
                printf("The service's copy, artifact %u, was removed.\n", id);
        return 0;
}

/* What was made must not be lost over a full disk. */
static int still_there(unsigned id, int error, Failure *reterr) {
        char message[FAILURE_MESSAGE_MAX];

        if (!reterr)
                return error;
        memcpy(message, reterr->message, sizeof(message));
        return failure_set(
                        reterr,
                        error,
                        "%.1800s Artifact %u is still with the service; pxectl pull %u gets it.",
                        message,
                        id,
                        id);
}

static unsigned number_of(const char *path) {
        const char *number = strrchr(path, '_');

        return number ? (unsigned) strtoul(number + 1, NULL, 10) : 0;
}

static int write_and_remove(
                sd_bus *bus,
                const Artifact *artifact,
                Output *output,
                DeliverFlags flags,
                Failure *reterr) {
        unsigned id = number_of(artifact->path);
        int r = output_write(output, artifact, reterr);

        if (r < 0)
                return still_there(id, r, reterr);
        if (flags & DELIVER_REMOVE)
                r = call_method(bus,
                                artifact->path,
                                "Remove",
                                /* ret_reply= */ NULL,
                                reterr,
                                "");
        if (r < 0)
                failure_prefix(reterr,
                               "Everything is written, but artifact %u is still with the service: ",
                               id);
        return r;
}

int deliver(sd_bus *bus, const char *path, Output *output, DeliverFlags flags, Failure *reterr) {
        _cleanup_artifact_ Artifact artifact = {};
        bool remove = output && flags & DELIVER_REMOVE;
        int r = 0;

        if (output)
                r = artifact_load(bus, path, &artifact, reterr);
        if (r >= 0 && output)
                r = write_and_remove(bus, &artifact, output, flags, reterr);
        return r < 0 ? r : tell(number_of(path), output, &artifact, flags, remove);
}
