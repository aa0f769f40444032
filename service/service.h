/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The life of the service, from the lock on its folders to the end of its event loop. */

#include "common/failure.h"
#include "service/settings.h"

/* Recovers, claims the name, answers until there is nothing to do or a signal ends it. The folders'
 * lock is held before the name is claimed, so that two services never work side by side. Returns a
 * positive number when the bus went away. */
int service_run(const Settings *settings, Failure *reterr);
