/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The queue: which job may start next, and whether one more may be added. It holds nothing: it is
 * asked with the jobs as they are and the limits. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/failure.h"

typedef struct QueueLimits {
        uint32_t running;          /* jobs that run at once */
        uint32_t running_per_user; /* … of one user */
        uint32_t living;           /* jobs queued and running together */
        uint32_t living_per_user;  /* … of one user */
} QueueLimits;

typedef enum QueueState {
        QUEUE_WAITS,
        QUEUE_RUNS,
        QUEUE_ENDED, /* counts only for when its owner was served last */
} QueueState;

typedef struct QueueEntry {
        QueueState state;
        uid_t owner;
        uint64_t started_usec; /* 0 while it has not started */
} QueueEntry;

/* The index of the entry to start now: of the users who may start one, the one with the fewest
 * running, then the one served longest ago, gets its first in the array. Errors: -ENOENT when none
 * may start. */
ssize_t queue_next(const QueueEntry *entries, size_t n_entries, const QueueLimits *limits);

/* Errors: -EDQUOT when the owner, or the service, has as many living jobs as the limit says. */
int queue_check_room(
                const QueueEntry *entries,
                size_t n_entries,
                uid_t owner,
                const QueueLimits *limits,
                Failure *reterr);
