/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What surrounds jobs: workers that do no job, but look what this host can do to hold one, and take away
 * what a job has left.
 */

#include <systemd/sd-event.h>

#include "common/cleanup.h"
#include "common/failure.h"
#include "config/order.h"
#include "service/manager.h"
#include "service/settings.h"
#include "service/store.h"

/* Longer than the kernel needs for what a worker has left, a folder with many files included. */
#define SANDBOX_TIMEOUT_USEC (UINT64_C(600) * 1000 * 1000)

typedef struct Sweep Sweep;

/* `why` is NULL when nothing is left. The sweep may be freed in here. */
typedef void (*SweepCallback)(const Failure *why, void *userdata);

/* What a job may have, for its worker. */
void sandbox_limit_order(const Settings *settings, const Store *store, Order *order);

/* Removes what a job has left that does not run any more: processes, mounts, loop devices, its scratch
 * folder. `job_id` 0: any job of this service. Blocks for the exec. Errors: -EIO with a sentence,
 * -ENOMEM. */
int sweep_start(Sweep **ret,
                const Manager *manager,
                uint32_t job_id,
                SweepCallback callback,
                void *userdata);
/* Kills one that still runs; its callback is not called. */
Sweep *sweep_free(Sweep *sweep);
DEFINE_CLEANUP(Sweep *, sweep_free);

/* Before the service answers to anybody: sweeps after its predecessor, and looks what this host can do,
 * which is manager->features from then on. Blocks, running the event loop.
 * Errors: -EOPNOTSUPP when jobs could not be limited and the settings do not allow that; those of
 * starting a worker; -ECONNRESET when the event loop ended meanwhile. */
int sandbox_prepare(Manager *manager, Failure *reterr);
