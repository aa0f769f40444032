/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl jobs. */

#include "client/list.h"

static const Column columns[] = {
        { "JOB", "id", 'u', COLUMN_PLAIN },
        { NULL, NULL, 'o', COLUMN_PLAIN },
        { "OWNER", "ownerUid", 'u', COLUMN_USER },
        { "KIND", "kind", 's', COLUMN_PLAIN },
        { "STATE", "state", 's', COLUMN_PLAIN },
        { "STAGE", "stage", 's', COLUMN_PLAIN },
        { "PROGRESS", "progressPermille", 'd', COLUMN_PROGRESS },
        { "CREATED", "created", 't', COLUMN_TIME },
};

static int run(const void *arguments, char **words _unused_, Failure *reterr) {
        const ListArguments *a = arguments;

        return list_print(
                        a,
                        a->all ? "ListAllJobs" : "ListJobs",
                        columns,
                        ELEMENTSOF(columns),
                        reterr);
}

const Verb verb_jobs = {
        .name = "jobs",
        .words = "",
        .summary = "List your jobs",
        .options = list_all_options,
        .arguments_size = sizeof(ListArguments),
        .run = run,
};
