/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Leaving when there is nothing to do: the bus starts the service again when it is called. The name
 * is given up first and what came in until then is answered, so that no call is lost.
 */

#include <stdbool.h>

#include "service/manager.h"

typedef struct Idle Idle;

/* Watches the manager, which must outlive it. Errors: -ENOMEM. */
int idle_new(Idle **ret, Manager *manager);
Idle *idle_free(Idle *idle);

/* Whether a SIGTERM is only the answer to the name that was given up, and is taken back: the first one is, for
 * a service that systemd has started. */
bool idle_answers_signal(Manager *manager);
DEFINE_CLEANUP(Idle *, idle_free);
