/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A chore: work that waits for the disk, done by a child process, so that the service goes on answering
 * meanwhile. Removal of trees that may be large, publishing of artifacts, records of running jobs.
 */

#include <stddef.h>
#include <systemd/sd-event.h>

#include "common/cleanup.h"
#include "common/failure.h"

#define CHORE_FDS_MAX 8

typedef struct Chore Chore;

/* Borrowed until chore_start() returns. */
typedef struct ChoreWork {
        /* Runs in the child. Errors: any; without a sentence the system's text is taken. */
        int (*run)(const void *argument, Failure *reterr);
        const void *argument;
        /* What the child keeps open, under the same numbers, in any order. */
        int fds[CHORE_FDS_MAX];
        size_t n_fds;
} ChoreWork;

/* `why` is NULL when all went well. The chore may be freed in here. */
typedef void (*ChoreCallback)(const Failure *why, void *userdata);

/* Starts it. `ret` NULL: nobody waits for it; then the callback may be NULL, too. Errors: -ENOMEM, and
 * those of fork() and pipe(). */
int chore_start(Chore **ret,
                sd_event *event,
                const ChoreWork *work,
                ChoreCallback callback,
                void *userdata);

/* A child that still runs goes on by itself; nobody hears of its end. */
Chore *chore_free(Chore *chore);
DEFINE_CLEANUP(Chore *, chore_free);
