/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl artifacts. */

#include "client/list.h"

static const Column columns[] = {
        { "ARTIFACT", "id", 'u', COLUMN_PLAIN },    { NULL, NULL, 'o', COLUMN_PLAIN },
        { "OWNER", "ownerUid", 'u', COLUMN_USER },  { "TITLE", "title", 's', COLUMN_PLAIN },
        { "FORMAT", "format", 's', COLUMN_PLAIN },  { "SIZE", "size", 't', COLUMN_SIZE },
        { "CREATED", "created", 't', COLUMN_TIME },
};

static int run(const void *arguments, char **words _unused_, Failure *reterr) {
        const ListArguments *a = arguments;

        return list_print(
                        a,
                        a->all ? "ListAllArtifacts" : "ListArtifacts",
                        columns,
                        ELEMENTSOF(columns),
                        reterr);
}

const Verb verb_artifacts = {
        .name = "artifacts",
        .words = "",
        .summary = "List your artifacts",
        .options = list_all_options,
        .arguments_size = sizeof(ListArguments),
        .run = run,
};
