/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the bus holds of one connection: dbus-daemon tells root. It matters since dbus-daemon stops
 * reading from a service when too much of what that has sent was not read by those whom it was for:
 * by default 64 descriptors or 127 MiB, all recipients together.
 */

#include <stdint.h>
#include <systemd/sd-bus.h>

typedef struct BusStats {
        uint32_t sent_bytes, sent_fds;     /* sent by it, not read by others yet */
        uint32_t unread_bytes, unread_fds; /* sent to it, not read by it yet */
} BusStats;

/* Asks about a connection. The call's handler gets the answer, and ends with the slot. */
int bus_stats_ask(
                sd_bus *bus,
                const char *name,
                sd_bus_message_handler_t handler,
                void *userdata,
                sd_bus_slot **ret);

/* Reads the answer. Errors: -EOPNOTSUPP when this bus does not tell, -EIO. */
int bus_stats_read(sd_bus_message *answer, BusStats *ret);
