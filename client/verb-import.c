/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl import. */

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "client/call.h"
#include "client/follow.h"
#include "client/image-file.h"
#include "client/interrupt.h"
#include "client/verb.h"
#include "common/strings.h"
#include "dbus/names.h"

typedef struct ImportArguments {
        const char *name;
        const char *title;
        bool replace;
        bool no_wait;
        bool quiet;
        bool verbose;
        bool no_ask_password;
} ImportArguments;

#define AT(member) offsetof(ImportArguments, member)

/* clang-format off */
static const Option import_options[] = {
        { "name", 0, OPTION_TEXT, "NAME", AT(name), "What it is called there, instead of the file's own name" },
        { "replace", 0, OPTION_FLAG, NULL, AT(replace), "An image of that name gives way" },
        { "title", 0, OPTION_TEXT, "TEXT", AT(title), "What prompts and lists show" },
        { "no-wait", 0, OPTION_FLAG, NULL, AT(no_wait), "Start the job and print its number" },
        { "verbose", 'v', OPTION_FLAG, NULL, AT(verbose), "Show the job's log" },
        OPTION_QUIET(ImportArguments),
        OPTION_NO_ASK_PASSWORD(ImportArguments),
        {},
};
/* clang-format on */

static int append_options(sd_bus_message *m, const ImportArguments *a) {
        int r = sd_bus_message_open_container(m, 'a', "{sv}");

        if (r >= 0 && a->replace)
                r = sd_bus_message_append(m, "{sv}", BUS_OPTION_REPLACE, "b", 1);
        if (r >= 0 && a->title)
                r = sd_bus_message_append(m, "{sv}", BUS_OPTION_TITLE, "s", a->title);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int start(
                sd_bus *bus,
                const char *path,
                const ImportArguments *a,
                char **ret_job,
                Failure *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_close_ int fd = image_file_open(path, reterr);
        char copy[PATH_MAX];
        int r = fd < 0 ? fd : call_new(bus, BUS_PATH, "ImportImage", &m, reterr);

        if (r < 0)
                return r;
        (void) snprintf(copy, sizeof(copy), "%s", path);
        r = sd_bus_message_append(m, "hs", fd, a->name ? a->name : basename(copy));
        if (r >= 0)
                r = append_options(m, a);
        return r < 0 ? call_unsent(r, reterr) : call_start(bus, m, ret_job, reterr);
}

static int run(const void *arguments, char **words, Failure *reterr) {
        const ImportArguments *a = arguments;
        FollowFlags flags = FOLLOW_CANCELS | (a->quiet ? FOLLOW_QUIET : 0) |
                            (a->verbose ? FOLLOW_LOG : 0);
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(follow_freep) Follow *follow = NULL;
        _cleanup_free_ char *job = NULL;
        int id, r;

        r = call_connect(call_password(a->no_ask_password), &bus, reterr);
        if (r >= 0)
                r = follow_new(bus, flags, &follow, reterr);
        if (r >= 0)
                r = id = start(bus, words[0], a, &job, reterr);
        if (r < 0)
                return r;
        if (a->no_wait) {
                printf(a->quiet ? "%d\n" : "Job %d was started.\n", id);
                return 0;
        }
        interrupt_watch();
        return follow_run(follow, job, reterr);
}

const Verb verb_import = {
        .name = "import",
        .words = "FILE",
        .summary = "Add a disk image to those in the service's folders",
        .options = import_options,
        .arguments_size = sizeof(ImportArguments),
        .min_words = 1,
        .max_words = 1,
        .run = run,
};
