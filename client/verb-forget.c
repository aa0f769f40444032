/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl forget. */

#include "client/call-each.h"

#include "client/call.h"

static int run(const void *arguments, char **words, Failure *reterr) {
        static const CallEach each = {
                .path = call_job_path,
                .method = "Forget",
                .noun = "Job",
                .done = "was forgotten",
        };

        return call_each(&each, arguments, words, reterr);
}

const Verb verb_forget = {
        .name = "forget",
        .words = "JOB…",
        .summary = "Remove jobs that have ended, with their logs",
        .options = call_each_options,
        .arguments_size = sizeof(CallEachArguments),
        .min_words = 1,
        .max_words = INT_MAX,
        .run = run,
};
