/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * News of objects: the three signals that the bus has for objects that appear, change and go. They
 * go to the connections of the owner and of root (callers.h), to nobody else; sd-bus itself could only
 * send them to everybody.
 */

#include "service/bus-interface.h"

/* InterfacesAdded, with all properties that are not for Get() alone. */
void bus_announce_added(Manager *manager, const BusInterface *interface, const void *object);

/* PropertiesChanged, with the values of these properties. */
void bus_announce_changed(
                Manager *manager,
                const BusInterface *interface,
                const void *object,
                const char *const *properties,
                size_t n_properties);

/* InterfacesRemoved. */
void bus_announce_removed(Manager *manager, const BusInterface *interface, const void *object);
