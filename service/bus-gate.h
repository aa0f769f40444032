/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The gate: the only way from a message to a method of ours. Every method in a vtable has
 * bus_gate_method() as its handler, and what it leads to stands in the method's row; a method without
 * a row is not registered, and neither is the service. Before that, every call of whatever kind is
 * counted (callers.h).
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "common/failure.h"
#include "service/bus-interface.h"

/* What a vtable has for each of its methods. */
int bus_gate_method(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error);

/* Whether vtable and rows go together: a row for each method and a method for each row, each row
 * whole, each handler the gate's, no property that can be written. Pure. Errors: -EINVAL with a
 * sentence. */
int bus_gate_check(const BusInterface *interface, Failure *reterr);

/* Begins to count calls. To be called before any object is registered. */
int bus_gate_open(Manager *manager);

/* Whether the method that the message calls may ask polkit for this action. */
bool bus_gate_allows_action(const Manager *manager, sd_bus_message *m, const char *action);
