/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One question, one line. */

#include "liveos/rpm-query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/strings.h"
#include "container/command.h"
#include "liveos/places.h"

#define TIMEOUT_USEC (UINT64_C(60) * 1000000)

/* Tells the answer from warnings, which come on the same way. */
#define ANSWER "version="

/* Several versions of a package may be installed: the last of them was installed last. */
static void on_line(void *userdata, const char *line) {
        const char *version = str_after_prefix(line, ANSWER);
        char **answer = userdata;

        if (!version)
                return;
        free(*answer);
        *answer = strdup(version);
}

int rpm_query_version(const char *package, char **ret) {
        const char *const argv[] = {
                "rpm", "--query", "--queryformat", ANSWER "%{VERSION}-%{RELEASE}\n", package, NULL,
        };
        _cleanup_free_ char *answer = NULL;
        Command command = COMMAND_INIT;
        int r;

        command.argv = argv;
        command.root = PLACE_TREE;
        command.profile = COMMAND_IMAGE;
        command.timeout_usec = TIMEOUT_USEC;
        command.on_line = on_line;
        command.userdata = &answer;
        r = command_run(&command, /* reterr= */ NULL);
        if (r != 0 || !answer)
                return -ENOPKG;
        *ret = TAKE_PTR(answer);
        return 0;
}
