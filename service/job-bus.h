/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Jobs on the bus: /org/pxed1/job/_N. */

#include "service/manager.h"

/* Registers the objects, of the jobs that are there and of those to come; the bus borrows the manager
 * until it is closed. */
int job_bus_register(Manager *manager);

/* Of a ManagerObserver: make a new job an object, and announce it; announce that one goes. */
int job_bus_add(Manager *manager, Job *job);
void job_bus_remove(Manager *manager, Job *job);
