/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Credit is kept as time, so that nothing is lost to rounding and no timer is needed: it is brought up to date
 * when it is looked at.
 */

#include "service/caller-users.h"

#include <errno.h>
#include <stdlib.h>

#define USEC_PER_SEC UINT64_C(1000000)

static uint64_t call_usec(const CallerUsers *users) {
        return USEC_PER_SEC / users->limits.calls_per_second;
}

static uint64_t full_credit(const CallerUsers *users) {
        return call_usec(users) * users->limits.burst;
}

static void refill(const CallerUsers *users, CallerUser *user, uint64_t now_usec) {
        uint64_t full = full_credit(users), passed = now_usec - user->counted_usec;

        user->counted_usec = now_usec;
        user->credit_usec = passed >= full - user->credit_usec ? full : user->credit_usec + passed;
}

/* Who has a debt stays: else a new connection would be a new burst. */
static void forget(CallerUsers *users, uint64_t now_usec) {
        for (CallerUser **p = &users->list; *p;) {
                CallerUser *user = *p;

                refill(users, user, now_usec);
                if (user->connections > 0 || user->credit_usec < full_credit(users)) {
                        p = &user->next;
                        continue;
                }
                *p = user->next;
                free(user);
        }
}

CallerUser *caller_users_get(CallerUsers *users, uid_t uid, uint64_t now_usec) {
        CallerUser *user;

        for (user = users->list; user; user = user->next)
                if (user->uid == uid)
                        return user;
        forget(users, now_usec);
        user = calloc(1, sizeof(*user));
        if (!user)
                return NULL;
        *user = (CallerUser){
                .next = users->list,
                .uid = uid,
                .credit_usec = full_credit(users),
                .counted_usec = now_usec,
        };
        users->list = user;
        return user;
}

/* Each call is answered: dbus-daemon keeps a list of those that are not, and looks through it for every
 * message of everybody. */
int caller_users_count_call(
                const CallerUsers *users,
                CallerUser *user,
                uint64_t now_usec,
                Failure *reterr) {
        if (user->uid == 0)
                return 0;
        refill(users, user, now_usec);
        if (user->credit_usec < call_usec(users))
                return failure_set(
                                reterr,
                                -ENOBUFS,
                                "You have called this service more than %u times in a second; wait a moment and try again.",
                                users->limits.calls_per_second);
        user->credit_usec -= call_usec(users);
        return 0;
}

void caller_users_done(CallerUsers *users) {
        while (users->list) {
                CallerUser *user = users->list;

                users->list = user->next;
                free(user);
        }
}
