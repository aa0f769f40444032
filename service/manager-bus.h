/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The manager on the bus: /org/pxed1. */

#include "service/manager.h"

/* Registers the manager, its jobs and its artifacts, and announces from now on what comes and goes. The
 * bus borrows the manager until it is closed. Errors: -EINVAL, with a sentence, for a method of which
 * nothing says who may call it; sd-bus's. */
int manager_bus_register(Manager *manager, Failure *reterr);
