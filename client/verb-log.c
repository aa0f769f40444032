/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl log. */

#include <stdio.h>

#include "client/call.h"
#include "client/follow.h"
#include "client/interrupt.h"
#include "client/job-log.h"
#include "client/verb.h"

typedef struct LogArguments {
        bool follow;
        bool no_ask_password;
} LogArguments;

#define AT(member) offsetof(LogArguments, member)

/* clang-format off */
static const Option log_options[] = {
        { "follow", 'f', OPTION_FLAG, NULL, AT(follow), "Go on until the job ends" },
        OPTION_NO_ASK_PASSWORD(LogArguments),
        {},
};
/* clang-format on */

static int follow_log(sd_bus *bus, const char *path, Failure *reterr) {
        _cleanup_(follow_freep) Follow *follow = NULL;
        int r;

        r = follow_new(bus, FOLLOW_QUIET | FOLLOW_LOG, &follow, reterr);
        if (r < 0)
                return r;
        follow_log_to(follow, stdout);
        interrupt_watch();
        r = follow_run(follow, path, reterr);
        /* Of the log itself nothing failed. */
        return job_has_ended(follow_job(follow)) ? 0 : r;
}

static int run(const void *arguments, char **words, Failure *reterr) {
        const LogArguments *a = arguments;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_free_ char *path = NULL;
        uint64_t offset = 0;
        int r;

        r = call_connect_to(
                        call_job_path,
                        words[0],
                        call_password(a->no_ask_password),
                        &bus,
                        &path,
                        reterr);
        if (r < 0)
                return r;
        if (a->follow)
                return follow_log(bus, path, reterr);
        r = job_log_print(bus, path, &offset, stdout, reterr);
        return r < 0 ? r : 0;
}

const Verb verb_log = {
        .name = "log",
        .words = "JOB",
        .summary = "Print a job's log",
        .options = log_options,
        .arguments_size = sizeof(LogArguments),
        .min_words = 1,
        .max_words = 1,
        .run = run,
};
