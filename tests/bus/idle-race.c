/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Calls a service at the very moment at which it leaves for want of work, again and again: each call has to
 * be answered, by the service that was about to leave or by the next one. For the inside of
 * scripts/with-bus; the service's idleSeconds is 1. How late a machine is when a timer ends depends on what else
 * it does, so the moment is looked for: later after a call that came before the service left, and earlier
 * after one that came too late, by twice as much when that was so before.
 *
 *   idle-race SEED COUNT      prints "COUNT LOST OLD NEW": how many calls, how many of them got an
 *                             error, and by which of the two the others were answered
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/strings.h"
#include "dbus/names.h"

#define IDLE_USEC    1000000
#define SPREAD_USEC  5000
#define STEP_USEC    1000
#define TIMEOUT_USEC (UINT64_C(30) * 1000 * 1000)
#define SPIN_USEC    1000
#define NAME_MAX_    64

typedef struct Race {
        sd_bus *bus;
        unsigned seed;
        unsigned lost, old, new;
        int64_t late_usec; /* when the service leaves, behind the deadline */
        int64_t step_usec; /* by which that was corrected last */
} Race;

static int64_t now_usec(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* A timer alone would be late by a good part of what is aimed at. */
static void wait_until(int64_t usec) {
        int64_t sleep_usec = usec - SPIN_USEC;
        const struct timespec until = {
                .tv_sec = sleep_usec / 1000000,
                .tv_nsec = sleep_usec % 1000000 * 1000,
        };

        (void) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, /* rem= */ NULL);
        while (now_usec() < usec)
                ;
}

/* Every other call makes the service start a worker, so that it must not leave then. */
static int call(Race *race, unsigned i, char ret_sender[NAME_MAX_]) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *member = i % 2 == 0 ? "ListJobs" : "Validate";
        int r;

        r = sd_bus_message_new_method_call(
                        race->bus,
                        &m,
                        BUS_NAME,
                        BUS_PATH,
                        BUS_INTERFACE_MANAGER,
                        member);
        if (r >= 0 && i % 2 == 1)
                r = sd_bus_message_append(m, "sa{sv}", "iso: {initramfsType: full-os}\n", 0);
        if (r >= 0)
                r = sd_bus_call(race->bus, m, TIMEOUT_USEC, &error, &reply);
        if (r < 0) {
                fprintf(stderr, "%s: %s: %s\n", member, error.name, error.message);
                return r;
        }
        (void) snprintf(ret_sender, NAME_MAX_, "%s", sd_bus_message_get_sender(reply));
        return 0;
}

static void correct(Race *race, bool was_early) {
        bool as_before = race->step_usec != 0 && was_early == (race->step_usec > 0);

        if (as_before)
                race->step_usec *= 2;
        else
                race->step_usec = was_early ? STEP_USEC : -STEP_USEC;
        race->late_usec += race->step_usec;
}

static void race_once(Race *race, unsigned i) {
        char before[NAME_MAX_] = "", after[NAME_MAX_] = "";
        int64_t begin, active, offset;

        begin = now_usec();
        if (call(race, /* i= */ 0, before) < 0) {
                race->lost++;
                return;
        }
        /* Somewhere between the two the service has noted the call as the last that happened. */
        active = (begin + now_usec()) / 2;
        offset = (int64_t) (rand_r(&race->seed) % (2 * SPREAD_USEC)) - SPREAD_USEC;
        offset += race->late_usec;
        wait_until(active + IDLE_USEC + offset);
        if (call(race, i, after) < 0) {
                fprintf(stderr, "call %u, %lld usec from the deadline\n", i, (long long) offset);
                race->lost++;
                return;
        }
        correct(race, str_equal(before, after));
        if (str_equal(before, after))
                race->old++;
        else
                race->new ++;
}

int main(int argc, char **argv) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        Race race = {};
        unsigned count;

        if (argc != 3 || sd_bus_open_system(&bus) < 0)
                return 2;
        race.bus = bus;
        race.seed = (unsigned) strtoul(argv[1], NULL, 10);
        count = (unsigned) strtoul(argv[2], NULL, 10);
        for (unsigned i = 0; i < count; i++)
                race_once(&race, i);
        printf("%u %u %u %u\n", count, race.lost, race.old, race.new);
        return race.lost > 0;
}
