/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A job's news. Changes are gathered for a quarter of a second, and the last ones always go out; lines
 * of the log go to single connections, so that nobody else can listen.
 */

#include "service/job-news.h"

#include <assert.h>

#include "dbus/names.h"
#include "service/bus-announce.h"
#include "service/bus-object.h"
#include "service/job-bus.h"

#define ANNOUNCE_INTERVAL_USEC (UINT64_C(250) * 1000)
#define LISTENERS_MAX          16
#define LOG_WINDOW_USEC        (UINT64_C(1000) * 1000)
#define LOG_LINES_PER_WINDOW   100

typedef struct JobNews {
        Manager *manager;
        Job *job;
        unsigned changes; /* not announced yet */
        uint64_t announced_usec;
        sd_event_source *announce_source;
        sd_bus_track *listeners;
        uint64_t log_window_usec;
        unsigned log_lines; /* since then */
} JobNews;

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

static void announce(JobNews *news) {
        const char *names[ELEMENTSOF(announced_properties)];
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(announced_properties); i++)
                if (announced_properties[i].changes & news->changes)
                        names[n++] = announced_properties[i].property;
        news->changes = 0;
        news->announced_usec = manager_now_usec(news->manager);
        bus_announce_changed(news->manager, &job_bus_interface, news->job, names, n);
}

static int on_announce(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        announce(userdata);
        return 0;
}

static void on_change(Job *job _unused_, unsigned changes, void *userdata) {
        JobNews *news = userdata;
        uint64_t now = manager_now_usec(news->manager);
        uint64_t next = news->announced_usec + ANNOUNCE_INTERVAL_USEC;
        bool waits = news->changes != 0;

        news->changes |= changes;
        if (waits)
                return; /* for the timer */
        if (now >= next || sd_event_source_set_time(news->announce_source, next) < 0 ||
            sd_event_source_set_enabled(news->announce_source, SD_EVENT_ONESHOT) < 0)
                announce(news);
}

static void send_log_line(JobNews *news, const char *to, int priority, const char *line) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char path[BUS_OBJECT_PATH_SIZE];
        int r;

        bus_object_job_path(news->job->id, path);
        r = sd_bus_message_new_signal(news->manager->bus, &m, path, BUS_INTERFACE_JOB, "Log");
        if (r >= 0)
                r = sd_bus_message_append(m, "us", (uint32_t) priority, line);
        if (r >= 0)
                callers_tell_one(news->manager->callers, to, m);
}

static void on_log(Job *job _unused_, int priority, const char *line, void *userdata) {
        JobNews *news = userdata;
        uint64_t now = manager_now_usec(news->manager);

        if (now - news->log_window_usec >= LOG_WINDOW_USEC) {
                news->log_window_usec = now;
                news->log_lines = 0;
        }
        if (++news->log_lines > LOG_LINES_PER_WINDOW)
                return;
        for (const char *to = sd_bus_track_first(news->listeners); to;
             to = sd_bus_track_next(news->listeners))
                send_log_line(news, to, priority, line);
}

static JobNews *job_news_free(JobNews *news) {
        if (!news)
                return NULL;
        sd_event_source_disable_unref(news->announce_source);
        sd_bus_track_unref(news->listeners);
        free(news);
        return NULL;
}
DEFINE_CLEANUP(JobNews *, job_news_free);

static void on_free(void *userdata) {
        job_news_free(userdata);
}

int job_news_attach(Manager *manager, Job *job) {
        _cleanup_(job_news_freep) JobNews *news = calloc(1, sizeof(*news));
        int r;

        assert(!job->observer.userdata);

        if (!news)
                return -ENOMEM;
        *news = (JobNews){ .manager = manager, .job = job };
        r = sd_event_add_time(
                        manager->event,
                        &news->announce_source,
                        CLOCK_MONOTONIC,
                        /* usec= */ 0,
                        /* accuracy= */ 0,
                        on_announce,
                        news);
        if (r >= 0)
                r = sd_event_source_set_enabled(news->announce_source, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_bus_track_new(
                                manager->bus,
                                &news->listeners,
                                /* handler= */ NULL,
                                /* userdata= */ NULL);
        if (r < 0)
                return r;
        job->observer = (JobObserver){ on_change, on_log, on_free, TAKE_PTR(news) };
        return 0;
}

void job_news_flush(Job *job) {
        JobNews *news = job->observer.userdata;

        if (news->changes != 0)
                announce(news);
}

void job_news_listen(Job *job, sd_bus_message *m) {
        JobNews *news = job->observer.userdata;

        if (sd_bus_message_get_sender(m) && sd_bus_track_count(news->listeners) < LISTENERS_MAX)
                (void) sd_bus_track_add_sender(news->listeners, m);
}
