/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Artifacts on the bus: /org/pxed1/artifact/_N. */

#include "service/manager.h"

/* Registers the objects; the manager is borrowed by the bus until the bus is closed. */
int artifact_bus_register(Manager *manager);

/* InterfacesAdded, after the manager has it; InterfacesRemoved, while it still has it. */
void artifact_bus_announce(Manager *manager, uint32_t id);
void artifact_bus_vanish(Manager *manager, uint32_t id);
