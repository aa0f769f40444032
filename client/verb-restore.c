/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl restore. */

#include "client/publish.h"

#include "client/call.h"
#include "dbus/names.h"

static int run(const void *arguments, char **words, Failure *reterr) {
        return publish(BUS_PATH, "RestoreExport", words[0], arguments, reterr);
}

const Verb verb_restore = {
        .name = "restore",
        .words = "TARGET",
        .summary = "Bring a target's previous export back",
        .options = publish_options,
        .arguments_size = sizeof(PublishArguments),
        .min_words = 1,
        .max_words = 1,
        .run = run,
};
