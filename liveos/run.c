/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Programs in the container, and what their output says about a failure. */

#include "liveos/run.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "common/strings.h"
#include "config/report.h"
#include "liveos/redact.h"

/* How programs say that the disk is full; xorriso looks before it writes. */
static const char *const no_space_texts[] = {
        "No space left on device",
        "exceeds free space on media",
};

/* A line that is cut may lose as much again where it is made well-formed. */
#define REDACT_SLACK 8

typedef struct Listener {
        int report_fd;
        const char *what;
        char last[512]; /* the last line that was not blank */
        bool no_space;
} Listener;

static void on_line(void *userdata, const char *text) {
        char line[COMMAND_LINE_MAX + 1];
        Listener *listener = userdata;

        if (text[strspn(text, " \t")] == '\0')
                return;
        (void) snprintf(line, sizeof(line), "%s", text);
        redact_urls(line, COMMAND_LINE_MAX - REDACT_SLACK);
        for (size_t i = 0; i < ELEMENTSOF(no_space_texts); i++)
                listener->no_space |= strstr(line, no_space_texts[i]) != NULL;
        (void) snprintf(listener->last, sizeof(listener->last), "%.511s", line);
        report_log(listener->report_fd, LOG_INFO, "%s: %s", listener->what, line);
}

/* As a shell says it: 128 and the signal. */
static const char *describe_status(int status, char ret[static 64]) {
        const char *name = status > 128 ? sigdescr_np(status - 128) : NULL;

        ret[0] = '\0';
        if (name)
                (void) snprintf(ret, 64, " (signal %d, %s)", status - 128, name);
        return ret;
}

int run_logged(int report_fd, const char *what, Command command, Failure *reterr) {
        Listener listener = { .report_fd = report_fd, .what = what };
        char signal[64];
        int r;

        command.on_line = on_line;
        command.userdata = &listener;
        r = command_run(&command, reterr);
        if (r < 0)
                return failure_default(reterr, r, "%s cannot be run", what);
        if (r == 0)
                return 0;
        if (listener.no_space)
                return failure_set(reterr, -ENOSPC, "%s found none to write to.", what);
        return failure_set(
                        reterr,
                        -EIO,
                        "%s failed with exit status %d%s%s%s",
                        what,
                        r,
                        describe_status(r, signal),
                        listener.last[0] ? "; it said last: " : " and said nothing.",
                        listener.last);
}

int run_tool(int report_fd, const char *const *argv, Failure *reterr) {
        Command command = COMMAND_INIT;

        command.argv = argv;
        command.profile = COMMAND_TOOL;
        return run_logged(report_fd, argv[0], command, reterr);
}
