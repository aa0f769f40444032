/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Artifacts on the bus: /org/pxed1/artifact/_N. */

#include "service/bus-interface.h"
#include "service/manager.h"

extern const BusInterface artifact_bus_interface;

/* Of a ManagerObserver: announce that an artifact has come, that one goes. */
void artifact_bus_add(Manager *manager, Artifact *artifact);
void artifact_bus_remove(Manager *manager, Artifact *artifact);
