/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Arrays of structs, as most answers of the service are. */

#include <stddef.h>
#include <systemd/sd-bus.h>

/* Appends the struct for one item of an array. */
typedef int (*BusListAppend)(sd_bus_message *reply, const void *items, size_t index);

/* Answers a call with an array of `n_items` structs of this signature, "(st)". */
int bus_list_reply(
                sd_bus_message *m,
                const char *signature,
                const void *items,
                size_t n_items,
                BusListAppend append);
