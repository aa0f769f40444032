/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl targets. */

#include "client/list.h"

static const Column columns[] = {
        { "TARGET", "name", 's', COLUMN_PLAIN },
        { "URL", "url", 's', COLUMN_PLAIN },
        { "ARTIFACT", "artifact", 'u', COLUMN_PLAIN },
        { "PREVIOUS", "restorable", 'b', COLUMN_YES },
};

static int run(const void *arguments, char **words _unused_, Failure *reterr) {
        return list_print(arguments, "ListTargets", columns, ELEMENTSOF(columns), reterr);
}

const Verb verb_targets = {
        .name = "targets",
        .words = "",
        .summary = "List the targets that artifacts can be exported to",
        .options = list_options,
        .arguments_size = sizeof(ListArguments),
        .run = run,
};
