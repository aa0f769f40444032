/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Leaving when there is nothing to do. systemd takes a service of Type=dbus that has lost its name for one
 * that ends, once and for all: it sends SIGTERM, kills it when it stays, and starts the next one only then. So
 * a service that has taken its name back does not obey that signal, asks for time for as long as it has work,
 * and leaves as soon as it has none.
 */

#include "service/idle.h"

#include <assert.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "common/log.h"
#include "dbus/names.h"
#include "service/log-events.h"

/* With the name taken back: after so long without work it leaves, and so often it asks for more time. */
#define STAY_USEC UINT64_C(1000000)
#define MORE_TIME "EXTEND_TIMEOUT_USEC=10000000"

struct Idle {
        Manager *manager;
        sd_event_source *timer;
        sd_bus_slot *filter;
};

/* Whatever somebody asks for is activity. */
static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error _unused_) {
        Idle *idle = userdata;

        if (sd_bus_message_is_method_call(m, /* interface= */ NULL, /* member= */ NULL) > 0)
                manager_note_activity(idle->manager);
        return 0;
}

static int arm(Idle *idle, uint64_t at_usec) {
        int r = sd_event_source_set_time(idle->timer, at_usec);

        return r < 0 ? r : sd_event_source_set_enabled(idle->timer, SD_EVENT_ONESHOT);
}

/* A call that came before the name was given up may have started work again. Then the name is taken
 * back: nobody else can have it yet, since a second service waits for the lock first. */
static int leave(Idle *idle) {
        Manager *manager = idle->manager;
        int r = sd_bus_release_name(manager->bus, BUS_NAME);

        if (r < 0) {
                /* A bus that does not answer now may still have calls for this name. */
                log_trouble(r, "Cannot give the name %s up, staying.", BUS_NAME);
                return 0;
        }
        while (r >= 0 && (r = sd_bus_process(manager->bus, /* ret= */ NULL)) > 0)
                ;
        if (manager_is_idle(manager)) {
                log_debug("Nothing to do, leaving.");
                return sd_event_exit(manager->event, EXIT_SUCCESS);
        }
        manager->took_name_back = true;
        r = sd_bus_request_name(manager->bus, BUS_NAME, /* flags= */ 0);
        if (r < 0)
                log_trouble(r, "Cannot take the name %s back, going on without it.", BUS_NAME);
        return 0;
}

static uint64_t idle_limit(const Manager *manager) {
        uint64_t limit = manager->settings->idle_usec;

        return manager->took_name_back && limit > STAY_USEC ? STAY_USEC : limit;
}

static int on_timer(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Idle *idle = userdata;
        const Manager *manager = idle->manager;
        uint64_t now = manager_now_usec(manager), limit = idle_limit(manager);

        if (manager->took_name_back)
                (void) sd_notify(/* unset_environment= */ 0, MORE_TIME);
        if (!manager_is_idle(manager))
                return arm(idle, now + limit);
        if (now < manager->active_usec + limit)
                return arm(idle, manager->active_usec + limit);
        (void) leave(idle);
        return arm(idle, now + idle_limit(manager));
}

bool idle_answers_signal(Manager *manager) {
        bool answers = manager->took_name_back && !manager->was_told_to_end &&
                       getenv("NOTIFY_SOCKET");

        manager->was_told_to_end |= answers;
        return answers;
}

int idle_new(Idle **ret, Manager *manager) {
        _cleanup_(idle_freep) Idle *idle = calloc(1, sizeof(*idle));
        uint64_t limit = manager->settings->idle_usec;
        int r;

        assert(ret && manager);

        if (!idle)
                return -ENOMEM;
        *idle = (Idle){ .manager = manager };
        r = sd_bus_add_filter(manager->bus, &idle->filter, on_message, idle);
        if (r >= 0 && limit > 0)
                r = sd_event_add_time_relative(
                                manager->event,
                                &idle->timer,
                                CLOCK_MONOTONIC,
                                limit,
                                /* accuracy= */ 1, /* or no test could meet the moment */
                                on_timer,
                                idle);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(idle);
        return 0;
}

Idle *idle_free(Idle *idle) {
        if (!idle)
                return NULL;
        sd_event_source_disable_unref(idle->timer);
        sd_bus_slot_unref(idle->filter);
        free(idle);
        return NULL;
}
