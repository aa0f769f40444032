/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A job's news: the observer that turns them into signals. Changes are gathered for a quarter of a
 * second, the last ones always go out; lines of the log go to single connections, so that nobody
 * else can listen.
 */

#include "service/job-bus.h"

#include <assert.h>

#include "dbus/names.h"
#include "service/bus-path.h"

#define ANNOUNCE_INTERVAL_USEC (UINT64_C(250) * 1000)
#define LISTENERS_MAX          16
#define LOG_WINDOW_USEC        (UINT64_C(1000) * 1000)
#define LOG_LINES_PER_WINDOW   100

struct JobBus {
        Manager *manager;
        Job *job;
        unsigned changes; /* not announced yet */
        uint64_t announced_usec;
        sd_event_source *announce_source;
        sd_bus_track *listeners;
        uint64_t log_window_usec;
        unsigned log_lines;
};

static const struct {
        const char *property;
        unsigned changes;
} announced_properties[] = {
        { "State", JOB_CHANGED_STATE },
        { "Stage", JOB_CHANGED_STATE | JOB_CHANGED_STAGE },
        { "Progress", JOB_CHANGED_STATE | JOB_CHANGED_PROGRESS },
        { "Cancellable", JOB_CHANGED_STATE | JOB_CHANGED_CANCELLABLE },
        { "Started", JOB_CHANGED_STATE },
        { "Finished", JOB_CHANGED_STATE },
        { "Artifact", JOB_CHANGED_STATE },
        { "ErrorName", JOB_CHANGED_STATE },
        { "ErrorMessage", JOB_CHANGED_STATE },
};

static void announce(JobBus *bus) {
        char *names[ELEMENTSOF(announced_properties) + 1];
        char path[BUS_PATH_SIZE];
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(announced_properties); i++)
                if (announced_properties[i].changes & bus->changes)
                        names[n++] = (char *) announced_properties[i].property;
        names[n] = NULL;
        bus->changes = 0;
        bus->announced_usec = manager_now_usec(bus->manager);
        bus_path_of_job(bus->job->id, path);
        (void) sd_bus_emit_properties_changed_strv(
                        bus->manager->bus,
                        path,
                        BUS_INTERFACE_JOB,
                        names);
}

static int on_announce(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) source;
        (void) usec;
        announce(userdata);
        return 0;
}

static void on_change(Job *job, unsigned changes, void *userdata) {
        JobBus *bus = userdata;
        uint64_t now = manager_now_usec(bus->manager);
        uint64_t next = bus->announced_usec + ANNOUNCE_INTERVAL_USEC;
        bool waits = bus->changes != 0;

        (void) job;
        bus->changes |= changes;
        if (waits)
                return; /* for the timer */
        if (now >= next || sd_event_source_set_time(bus->announce_source, next) < 0 ||
            sd_event_source_set_enabled(bus->announce_source, SD_EVENT_ONESHOT) < 0)
                announce(bus);
}

static void send_log_line(JobBus *bus, const char *to, int priority, const char *line) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char path[BUS_PATH_SIZE];
        int r;

        bus_path_of_job(bus->job->id, path);
        r = sd_bus_message_new_signal(bus->manager->bus, &m, path, BUS_INTERFACE_JOB, "Log");
        if (r >= 0)
                r = sd_bus_message_append(m, "us", (uint32_t) priority, line);
        if (r >= 0)
                r = sd_bus_message_set_destination(m, to);
        if (r >= 0)
                (void) sd_bus_send(bus->manager->bus, m, /* ret_cookie= */ NULL);
}

static void on_log(Job *job, int priority, const char *line, void *userdata) {
        JobBus *bus = userdata;
        uint64_t now = manager_now_usec(bus->manager);

        (void) job;
        if (now - bus->log_window_usec >= LOG_WINDOW_USEC) {
                bus->log_window_usec = now;
                bus->log_lines = 0;
        }
        if (++bus->log_lines > LOG_LINES_PER_WINDOW)
                return;
        for (const char *to = sd_bus_track_first(bus->listeners); to;
             to = sd_bus_track_next(bus->listeners))
                send_log_line(bus, to, priority, line);
}

static JobBus *job_bus_free(JobBus *bus) {
        sd_event_source_disable_unref(bus->announce_source);
        sd_bus_track_unref(bus->listeners);
        free(bus);
        return NULL;
}
DEFINE_CLEANUP(JobBus *, job_bus_free);

int job_bus_attach(Manager *manager, Job *job, bool must_announce) {
        _cleanup_(job_bus_freep) JobBus *bus = calloc(1, sizeof(*bus));
        char path[BUS_PATH_SIZE];
        int r;

        assert(!job->bus);

        if (!bus)
                return -ENOMEM;
        *bus = (JobBus){ .manager = manager, .job = job };
        r = sd_event_add_time(
                        manager->event,
                        &bus->announce_source,
                        CLOCK_MONOTONIC,
                        0,
                        0,
                        on_announce,
                        bus);
        if (r >= 0)
                r = sd_event_source_set_enabled(bus->announce_source, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_bus_track_new(manager->bus, &bus->listeners, NULL, NULL);
        if (r < 0)
                return r;
        job->observer = (JobObserver){ on_change, on_log, bus };
        job->bus = TAKE_PTR(bus);
        bus_path_of_job(job->id, path);
        if (must_announce)
                (void) sd_bus_emit_object_added(manager->bus, path);
        return 0;
}

void job_bus_drop(Job *job) {
        job->observer = (JobObserver){};
        if (job->bus)
                job->bus = job_bus_free(job->bus);
}

void job_bus_detach(Manager *manager, Job *job) {
        char path[BUS_PATH_SIZE];

        if (job->bus && job->bus->changes != 0)
                announce(job->bus);
        bus_path_of_job(job->id, path);
        (void) sd_bus_emit_object_removed(manager->bus, path);
        job_bus_drop(job);
}

Manager *job_bus_manager(const Job *job) {
        return job->bus->manager;
}

void job_bus_listen(Job *job, sd_bus_message *m) {
        if (sd_bus_message_get_sender(m) && sd_bus_track_count(job->bus->listeners) < LISTENERS_MAX)
                (void) sd_bus_track_add_sender(job->bus->listeners, m);
}
