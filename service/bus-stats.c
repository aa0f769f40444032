/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bus's figures of a connection. */

#include "service/bus-stats.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"
#include "common/strings.h"

static const struct {
        const char *key;
        size_t offset;
} figures[] = {
        { "IncomingBytes", offsetof(BusStats, sent_bytes) },
        { "IncomingFDs", offsetof(BusStats, sent_fds) },
        { "OutgoingBytes", offsetof(BusStats, unread_bytes) },
        { "OutgoingFDs", offsetof(BusStats, unread_fds) },
};

static uint32_t *figure_at(BusStats *stats, const char *key) {
        for (size_t i = 0; i < ELEMENTSOF(figures); i++)
                if (str_equal(figures[i].key, key))
                        return (uint32_t *) (void *) ((char *) stats + figures[i].offset);
        return NULL;
}

static int read_figures(sd_bus_message *m, BusStats *stats) {
        const char *key;
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                uint32_t *at;

                r = sd_bus_message_read(m, "s", &key);
                if (r < 0)
                        return r;
                at = figure_at(stats, key);
                r = at ? sd_bus_message_read(m, "v", "u", at) : sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

/* A bus that does not know the question, or does not answer it. */
static bool is_refusal(const sd_bus_error *error) {
        static const char *const names[] = {
                SD_BUS_ERROR_UNKNOWN_METHOD,
                SD_BUS_ERROR_UNKNOWN_INTERFACE,
                SD_BUS_ERROR_ACCESS_DENIED,
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (sd_bus_error_has_name(error, names[i]))
                        return true;
        return false;
}

int bus_stats_ask(
                sd_bus *bus,
                const char *name,
                sd_bus_message_handler_t handler,
                void *userdata,
                sd_bus_slot **ret) {
        return sd_bus_call_method_async(
                        bus,
                        ret,
                        "org.freedesktop.DBus",
                        "/org/freedesktop/DBus",
                        "org.freedesktop.DBus.Debug.Stats",
                        "GetConnectionStats",
                        handler,
                        userdata,
                        "s",
                        name);
}

int bus_stats_read(sd_bus_message *answer, BusStats *ret) {
        const sd_bus_error *error = sd_bus_message_get_error(answer);
        BusStats stats = {};

        if (error)
                return is_refusal(error) ? -EOPNOTSUPP : -EIO;
        if (read_figures(answer, &stats) < 0)
                return -EIO;
        *ret = stats;
        return 0;
}
