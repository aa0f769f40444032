/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A job that changes a target. */

#include "client/publish.h"

#include <stdio.h>

#include "client/call.h"
#include "client/follow.h"
#include "client/interrupt.h"
#include "common/strings.h"
#include "dbus/names.h"

#define AT(member) offsetof(PublishArguments, member)

/* clang-format off */
const Option publish_options[] = {
        { "title", 0, OPTION_TEXT, "TEXT", AT(title), "What prompts and lists show" },
        { "no-wait", 0, OPTION_FLAG, NULL, AT(no_wait), "Start the job and print its number" },
        { "verbose", 'v', OPTION_FLAG, NULL, AT(verbose), "Show the job's log" },
        OPTION_QUIET(PublishArguments),
        OPTION_NO_ASK_PASSWORD(PublishArguments),
        {},
};
/* clang-format on */

static int start(
                sd_bus *bus,
                sd_bus_message *m,
                const char *target,
                const char *title,
                char **ret_job,
                Failure *reterr) {
        int r;

        r = sd_bus_message_append(m, "s", target);
        if (r >= 0)
                r = title ? sd_bus_message_append(m, "a{sv}", 1, BUS_OPTION_TITLE, "s", title)
                          : sd_bus_message_append(m, "a{sv}", 0);
        return r < 0 ? call_unsent(r, reterr) : call_start(bus, m, ret_job, reterr);
}

int publish(const char *path,
            const char *method,
            const char *target,
            const PublishArguments *arguments,
            Failure *reterr) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(follow_freep) Follow *follow = NULL;
        FollowFlags flags = FOLLOW_CANCELS | (arguments->quiet ? FOLLOW_QUIET : 0) |
                            (arguments->verbose ? FOLLOW_LOG : 0);
        _cleanup_free_ char *job = NULL;
        int id, r;

        r = call_connect(call_password(arguments->no_ask_password), &bus, reterr);
        if (r >= 0)
                r = follow_new(bus, flags, &follow, reterr);
        if (r >= 0)
                r = call_new(bus, path, method, &m, reterr);
        if (r >= 0)
                r = id = start(bus, m, target, arguments->title, &job, reterr);
        if (r < 0)
                return r;
        if (arguments->no_wait) {
                printf(arguments->quiet ? "%d\n" : "Job %d was started.\n", id);
                return 0;
        }
        interrupt_watch();
        return follow_run(follow, job, reterr);
}
