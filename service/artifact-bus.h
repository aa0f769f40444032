/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Artifacts on the bus: /org/pxed1/artifact/_N. */

#include "service/manager.h"

/* Registers the objects, of the artifacts that are there and of those to come; the bus borrows the
 * manager until it is closed. */
int artifact_bus_register(Manager *manager);

/* Of a ManagerObserver: announce that an artifact has come, that one goes. */
void artifact_bus_add(Manager *manager, Artifact *artifact);
void artifact_bus_remove(Manager *manager, Artifact *artifact);
