/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl status. */

#include <stdio.h>

#include "client/call.h"
#include "client/follow.h"
#include "client/interrupt.h"
#include "client/print.h"
#include "client/verb.h"
#include "common/strings.h"

typedef struct StatusArguments {
        bool wait;
        bool quiet;
        bool json;
} StatusArguments;

#define AT(member) offsetof(StatusArguments, member)

/* clang-format off */
static const Option status_options[] = {
        { "wait", 'w', OPTION_FLAG, NULL, AT(wait),
          "Wait for the end first; fail unless the job is done" },
        { "quiet", 'q', OPTION_FLAG, NULL, AT(quiet), "Do not show the progress" },
        OPTION_JSON(StatusArguments),
        {},
};
/* clang-format on */

static int print_status(const Job *job, bool as_json) {
        _cleanup_json_ Json json = {};

        if (!as_json) {
                record_print(job_columns, ELEMENTSOF(job_columns), job->values);
                return 0;
        }
        json_begin_object(&json, NULL);
        record_to_json(&json, job_columns, ELEMENTSOF(job_columns), job->values);
        json_end_object(&json);
        return print_json(&json);
}

static int wait_and_print(
                sd_bus *bus,
                const char *path,
                const StatusArguments *a,
                Failure *reterr) {
        _cleanup_(follow_freep) Follow *follow = NULL;
        int r, printed = 0;

        r = follow_new(bus, a->quiet ? FOLLOW_QUIET : 0, &follow, reterr);
        if (r < 0)
                return r;
        interrupt_watch();
        r = follow_run(follow, path, reterr);
        if (job_has_ended(follow_job(follow)))
                printed = print_status(follow_job(follow), a->json);
        return r < 0 ? r : printed;
}

static int run(const void *arguments, char **words, Failure *reterr) {
        const StatusArguments *a = arguments;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_free_ char *path = NULL;
        _cleanup_job_ Job job = {};
        int r;

        r = call_connect_to(call_job_path, words[0], CALL_NO_PASSWORD, &bus, &path, reterr);
        if (r < 0)
                return r;
        if (a->wait)
                return wait_and_print(bus, path, a, reterr);
        r = job_read(bus, path, &job, reterr);
        return r < 0 ? r : print_status(&job, a->json);
}

const Verb verb_status_of = {
        .name = "status",
        .words = "JOB",
        .summary = "Show a job",
        .options = status_options,
        .arguments_size = sizeof(StatusArguments),
        .min_words = 1,
        .max_words = 1,
        .run = run,
};
