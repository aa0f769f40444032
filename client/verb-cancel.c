/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl cancel. */

#include "client/call-each.h"

#include "client/call.h"

static int run(const void *arguments, char **words, Failure *reterr) {
        static const CallEach each = {
                .path = call_job_path,
                .method = "Cancel",
                .noun = "Job",
                .done = "is being cancelled",
        };

        return call_each(&each, arguments, words, reterr);
}

const Verb verb_cancel = {
        .name = "cancel",
        .words = "JOB…",
        .summary = "End jobs and remove what they have made so far",
        .options = call_each_options,
        .arguments_size = sizeof(CallEachArguments),
        .min_words = 1,
        .max_words = INT_MAX,
        .run = run,
};
