/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Following a job. The signals are asked for before the job exists and read when its object is
 * known; between the two they wait in the connection's queue. The job's properties are read once at
 * the beginning, and again when the service went away, which starts it anew.
 */

#include "client/follow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "client/call.h"
#include "client/interrupt.h"
#include "client/job-log.h"
#include "client/print.h"
#include "client/progress.h"
#include "common/strings.h"
#include "dbus/names.h"

#define TICK_MSEC 1000 /* for the seconds on a terminal */

struct Follow {
        sd_bus *bus;
        FollowFlags flags;
        char *path; /* NULL until the job is known */
        Job job;
        Progress progress;
        FILE *log_to;
        uint64_t log_offset;
        bool log_has_more;
        bool service_is_gone;
        bool is_cancelling;
        unsigned interrupts; /* that were answered */
};

static bool is_ours(const Follow *f, sd_bus_message *m) {
        return f->path && str_equal(sd_bus_message_get_path(m), f->path);
}

static int on_properties(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error _unused_) {
        Follow *f = userdata;
        const char *interface;
        int r;

        if (!is_ours(f, m))
                return 0;
        r = sd_bus_message_read(m, "s", &interface);
        if (r >= 0 && str_equal(interface, BUS_INTERFACE_JOB))
                r = job_update(m, &f->job);
        return r < 0 ? r : 0;
}

static int on_log(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error _unused_) {
        Follow *f = userdata;
        const char *line;
        uint32_t priority;

        if (!is_ours(f, m) || sd_bus_message_read(m, "us", &priority, &line) < 0)
                return 0;
        if (f->flags & FOLLOW_LOG)
                f->log_has_more = true;
        else if (priority == LOG_WARNING && !(f->flags & FOLLOW_QUIET)) {
                progress_clear(&f->progress);
                print_line(stderr, line);
        }
        return 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error _unused_) {
        Follow *f = userdata;
        const char *name, *before, *after;

        if (sd_bus_message_read(m, "sss", &name, &before, &after) >= 0 &&
            str_equal(name, BUS_NAME) && str_is_empty(after))
                f->service_is_gone = true;
        return 0;
}

static int listen(Follow *f) {
        int r;

        r = sd_bus_match_signal(
                        f->bus,
                        /* ret= */ NULL,
                        BUS_NAME,
                        /* path= */ NULL,
                        "org.freedesktop.DBus.Properties",
                        "PropertiesChanged",
                        on_properties,
                        f);
        if (r >= 0)
                r = sd_bus_match_signal(
                                f->bus,
                                /* ret= */ NULL,
                                BUS_NAME,
                                /* path= */ NULL,
                                BUS_INTERFACE_JOB,
                                "Log",
                                on_log,
                                f);
        if (r >= 0)
                r = sd_bus_add_match(
                                f->bus,
                                /* ret= */ NULL,
                                "type='signal',sender='org.freedesktop.DBus',"
                                "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                                "arg0='" BUS_NAME "'",
                                on_owner,
                                f);
        return r;
}

int follow_new(sd_bus *bus, FollowFlags flags, Follow **ret, Failure *reterr) {
        _cleanup_(follow_freep) Follow *f = malloc(sizeof(Follow));
        int r;

        if (!f)
                return -ENOMEM;
        *f = (Follow){ .bus = sd_bus_ref(bus), .flags = flags, .log_to = stderr };
        progress_init(&f->progress, (flags & FOLLOW_QUIET) != 0);
        r = listen(f);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot listen to the service");
        *ret = TAKE_PTR(f);
        return 0;
}

static void say(Follow *f, const char *sentence) {
        progress_clear(&f->progress);
        if (!(f->flags & FOLLOW_QUIET))
                fprintf(stderr, "%s\n", sentence);
}

static int answer_interrupt(Follow *f, Failure *reterr) {
        unsigned id = (unsigned) f->job.values[JOB_ID].number;
        int r;

        f->interrupts = interrupt_count();
        if (!(f->flags & FOLLOW_CANCELS))
                return failure_set(reterr, -ECANCELED, "Interrupted; job %u goes on.", id);
        if (f->is_cancelling)
                return failure_set(
                                reterr,
                                -ECANCELED,
                                "Interrupted; pxectl status %u says whether the job has ended.",
                                id);
        f->is_cancelling = true;
        say(f, "Cancelling; once more to not wait for the end.");
        r = call_method(f->bus, f->path, "Cancel", /* ret_reply= */ NULL, reterr, "");
        /* Too late: the result is being put in place, and the end is near. */
        return r == -EBUSY ? 0 : r;
}

static int show_news(Follow *f, Failure *reterr) {
        int r = 0;

        if (f->log_has_more) {
                progress_clear(&f->progress);
                f->log_has_more = false;
                r = job_log_print(f->bus, f->path, &f->log_offset, f->log_to, reterr);
        }
        progress_show(&f->progress, &f->job);
        return r;
}

static int wait_for_news(const Follow *f) {
        int events = sd_bus_get_events(f->bus);

        if (events < 0)
                return events;
        return interrupt_poll(sd_bus_get_fd(f->bus), (short) events, TICK_MSEC, f->interrupts);
}

/* All signals that are there, then one of the things that may have to be done. */
static int follow_step(Follow *f, Failure *reterr) {
        int r = sd_bus_process(f->bus, /* ret= */ NULL);

        if (r < 0)
                return failure_set_errno(reterr, -ESHUTDOWN, "The connection to the bus is lost");
        if (r > 0)
                return 0;
        if (f->service_is_gone) {
                f->service_is_gone = false;
                return job_read(f->bus, f->path, &f->job, reterr);
        }
        if (interrupt_count() > f->interrupts)
                return answer_interrupt(f, reterr);
        r = show_news(f, reterr);
        if (r < 0)
                return r;
        r = wait_for_news(f);
        return r < 0 ? failure_set_errno(reterr, r, "Cannot wait for the service") : 0;
}

void follow_log_to(Follow *f, FILE *to) {
        f->log_to = to;
}

int follow_run(Follow *f, const char *path, Failure *reterr) {
        int r;

        f->path = strdup(path);
        if (!f->path)
                return -ENOMEM;
        f->log_has_more = (f->flags & FOLLOW_LOG) != 0;
        r = job_read(f->bus, f->path, &f->job, reterr);
        while (r >= 0 && !job_has_ended(&f->job))
                r = follow_step(f, reterr);
        /* Whatever was announced one by one: this is how it ended. */
        if (r >= 0)
                r = job_read(f->bus, f->path, &f->job, reterr);
        if (r >= 0 && f->flags & FOLLOW_LOG) {
                f->log_has_more = true;
                r = show_news(f, reterr);
        }
        if (r >= 0)
                r = job_result(&f->job, reterr);
        if (r >= 0 && !f->progress.is_terminal)
                progress_show(&f->progress, &f->job);
        progress_clear(&f->progress);
        return r;
}

const Job *follow_job(const Follow *f) {
        return &f->job;
}

Follow *follow_free(Follow *f) {
        if (!f)
                return NULL;
        job_done(&f->job);
        free(f->path);
        sd_bus_unref(f->bus);
        free(f);
        return NULL;
}
