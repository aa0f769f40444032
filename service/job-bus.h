/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Jobs on the bus: /org/pxed1/job/_N. */

#include "service/bus-interface.h"
#include "service/manager.h"

/* The most that GetLog() returns at once. */
#define JOB_BUS_LOG_MAX_BYTES (1024U * 1024U)

extern const BusInterface job_bus_interface;

/* Observes the jobs that are there. Errors: -ENOMEM. */
int job_bus_attach(Manager *manager);

/* Of a ManagerObserver: make a new job an object, and announce it; announce that one goes. */
int job_bus_add(Manager *manager, Job *job);
void job_bus_remove(Manager *manager, Job *job);
