/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The users of the callers, and what each may still call: a bucket that each call takes from and time fills.
 * A user is known while there is a connection or a debt of calls. Pure: the time is told, in microseconds of a
 * clock that never goes back.
 */

#include <stdint.h>
#include <sys/types.h>

#include "common/failure.h"

/* What one user may call: so often in the long run, and so many at once. Neither is 0; the first is at most
 * 1000000. */
typedef struct CallerLimits {
        uint32_t calls_per_second;
        uint32_t burst;
} CallerLimits;

typedef struct CallerUser CallerUser;
struct CallerUser {
        CallerUser *next;
        uid_t uid;
        unsigned connections; /* counted by whoever has them */
        unsigned hear;        /* of them; counted likewise */
        uint64_t credit_usec; /* what of the burst is left, as the time in which it would come back */
        uint64_t counted_usec;
};

typedef struct CallerUsers {
        CallerLimits limits;
        CallerUser *list;
} CallerUsers;

/* The user, new with a whole burst when there was none. Before a new one is made, those are forgotten who
 * have neither a connection nor a debt. Borrowed for as long as it has a connection. NULL without memory. */
CallerUser *caller_users_get(CallerUsers *users, uid_t uid, uint64_t now_usec);

/* Takes a call out of what the user may; root is not counted. Errors: -ENOBUFS with a sentence. */
int caller_users_count_call(
                const CallerUsers *users,
                CallerUser *user,
                uint64_t now_usec,
                Failure *reterr);

void caller_users_done(CallerUsers *users);
