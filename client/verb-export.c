/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl export. */

#include "client/publish.h"

#include "client/call.h"
#include "dbus/names.h"

static int run(const void *arguments, char **words, Failure *reterr) {
        _cleanup_free_ char *path = NULL;
        int r = call_artifact_path(words[0], &path, reterr);

        return r < 0 ? r : publish(path, "Export", words[1], arguments, reterr);
}

const Verb verb_export = {
        .name = "export",
        .words = "ARTIFACT TARGET",
        .summary = "Publish an artifact to a PXE server's folders",
        .options = publish_options,
        .arguments_size = sizeof(PublishArguments),
        .min_words = 2,
        .max_words = 2,
        .run = run,
};
