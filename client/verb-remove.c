/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl remove. */

#include "client/call-each.h"

#include "client/call.h"

static int run(const void *arguments, char **words, Failure *reterr) {
        static const CallEach each = {
                .path = call_artifact_path,
                .method = "Remove",
                .noun = "Artifact",
                .done = "was removed",
        };

        return call_each(&each, arguments, words, reterr);
}

const Verb verb_remove = {
        .name = "remove",
        .words = "ARTIFACT…",
        .summary = "Remove artifacts from the service",
        .options = call_each_options,
        .arguments_size = sizeof(CallEachArguments),
        .min_words = 1,
        .max_words = INT_MAX,
        .run = run,
};
