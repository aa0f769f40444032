/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The queue. Everything is counted anew for each question: a few hundred jobs are soon counted, and
 * no number can be out of step with the jobs.
 */

#include "service/queue.h"

#include <errno.h>

/* What one user has. */
typedef struct Share {
        uint32_t living;
        uint32_t running;
        uint64_t served_usec;
} Share;

static Share share_of(const QueueEntry *entries, size_t n_entries, uid_t owner) {
        Share share = {};

        for (size_t i = 0; i < n_entries; i++) {
                const QueueEntry *e = &entries[i];

                if (e->owner != owner)
                        continue;
                share.living += e->state != QUEUE_ENDED;
                share.running += e->state == QUEUE_RUNS;
                if (e->started_usec > share.served_usec)
                        share.served_usec = e->started_usec;
        }
        return share;
}

static size_t count_state(const QueueEntry *entries, size_t n_entries, QueueState state) {
        size_t n = 0;

        for (size_t i = 0; i < n_entries; i++)
                n += entries[i].state == state;
        return n;
}

static bool share_goes_before(const Share *a, const Share *b) {
        if (a->running != b->running)
                return a->running < b->running;
        return a->served_usec < b->served_usec;
}

ssize_t queue_next(const QueueEntry *entries, size_t n_entries, const QueueLimits *limits) {
        Share best_share = {};
        ssize_t best = -ENOENT;

        if (count_state(entries, n_entries, QUEUE_RUNS) >= limits->running)
                return -ENOENT;
        for (size_t i = 0; i < n_entries; i++) {
                Share share;

                if (entries[i].state != QUEUE_WAITS)
                        continue;
                share = share_of(entries, n_entries, entries[i].owner);
                if (share.running >= limits->running_per_user)
                        continue;
                if (best < 0 || share_goes_before(&share, &best_share)) {
                        best = (ssize_t) i;
                        best_share = share;
                }
        }
        return best;
}

int queue_check_room(
                const QueueEntry *entries,
                size_t n_entries,
                uid_t owner,
                const QueueLimits *limits,
                Failure *reterr) {
        size_t living = count_state(entries, n_entries, QUEUE_WAITS) +
                        count_state(entries, n_entries, QUEUE_RUNS);

        if (share_of(entries, n_entries, owner).living >= limits->living_per_user)
                return failure_set(
                                reterr,
                                -EDQUOT,
                                "You have %u jobs queued and running, which is as many as one user may have; wait for one to end or cancel one.",
                                limits->living_per_user);
        if (living >= limits->living)
                return failure_set(
                                reterr,
                                -EDQUOT,
                                "The service has %u jobs queued and running, which is its limit; try again when one has ended.",
                                limits->living);
        return 0;
}
