/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Jobs on the bus: /org/pxed1/job/_N. Beside the vtable, the observer of each job, which turns its
 * news into signals, not more of them than anybody can read. */

#include <systemd/sd-bus.h>

#include "service/manager.h"

/* Registers the objects; the manager is borrowed by the bus until the bus is closed. */
int job_bus_register(Manager *manager);

/* Makes the job an object; `announce` says whether InterfacesAdded is sent. Errors: -ENOMEM. */
int job_bus_attach(Manager *manager, Job *job, bool announce);
/* Sends InterfacesRemoved, while the manager still has the job, and forgets who listens. */
void job_bus_detach(Manager *manager, Job *job);
/* Forgets without a word. */
void job_bus_drop(Job *job);

/* The manager that an attached job belongs to. */
Manager *job_bus_manager(const Job *job);

/* The sender of the message gets the signals Log from now on, as long as it is on the bus. */
void job_bus_listen(Job *job, sd_bus_message *m);
