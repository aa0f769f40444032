/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/queue.h"

#include "tests/lib/test.h"

#define ANNA 1000
#define BEN  1001

static const QueueLimits limits = {
        .running = 2,
        .running_per_user = 1,
        .living = 6,
        .living_per_user = 4,
};

static const struct {
        const char *what;
        QueueEntry entries[6];
        size_t n_entries;
        ssize_t next;
} rows[] = {
        { "nothing", {}, 0, -ENOENT },
        { "the first", { { QUEUE_WAITS, ANNA, 0 }, { QUEUE_WAITS, ANNA, 0 } }, 2, 0 },
        { "one per user", { { QUEUE_RUNS, ANNA, 5 }, { QUEUE_WAITS, ANNA, 0 } }, 2, -ENOENT },
        { "the other user",
          { { QUEUE_RUNS, ANNA, 5 }, { QUEUE_WAITS, ANNA, 0 }, { QUEUE_WAITS, BEN, 0 } },
          3,
          2 },
        { "two at once",
          { { QUEUE_RUNS, ANNA, 5 }, { QUEUE_RUNS, BEN, 6 }, { QUEUE_WAITS, 7, 0 } },
          3,
          -ENOENT },
        { "who was served longest ago",
          { { QUEUE_ENDED, ANNA, 9 }, { QUEUE_WAITS, ANNA, 0 }, { QUEUE_WAITS, BEN, 0 } },
          3,
          2 },
        { "ended jobs take no room",
          { { QUEUE_ENDED, ANNA, 9 }, { QUEUE_ENDED, ANNA, 9 }, { QUEUE_WAITS, ANNA, 0 } },
          3,
          2 },
};

TEST_ROWS(next, ELEMENTSOF(rows)) {
        ck_assert_msg(queue_next(rows[_i].entries, rows[_i].n_entries, &limits) == rows[_i].next,
                      "%s",
                      rows[_i].what);
}

TEST(fewest_running_goes_first)
{
        const QueueLimits wide = { .running = 4, .running_per_user = 3 };
        const QueueEntry entries[] = {
                { QUEUE_RUNS, ANNA, 1 },
                { QUEUE_WAITS, ANNA, 0 },
                { QUEUE_ENDED, BEN, 8 },
                { QUEUE_WAITS, BEN, 0 },
        };

        ck_assert_int_eq(queue_next(entries, ELEMENTSOF(entries), &wide), 3);
}

TEST(room_of_one_user)
{
        const QueueEntry entries[] = {
                { QUEUE_RUNS, ANNA, 1 },  { QUEUE_WAITS, ANNA, 0 }, { QUEUE_WAITS, ANNA, 0 },
                { QUEUE_ENDED, ANNA, 0 }, { QUEUE_WAITS, ANNA, 0 },
        };
        Failure failure = {};

        assert_ok(queue_check_room(entries, 4, ANNA, &limits, &failure));
        assert_errno(queue_check_room(entries, 5, ANNA, &limits, &failure), -EDQUOT);
        assert_failure(&failure, "You have 4 jobs");
        assert_ok(queue_check_room(entries, 5, BEN, &limits, &failure));
}

TEST(room_of_all)
{
        QueueEntry entries[6] = {};
        Failure failure = {};

        for (size_t i = 0; i < ELEMENTSOF(entries); i++)
                entries[i] = (QueueEntry){ QUEUE_WAITS, (uid_t) i, 0 };
        assert_ok(queue_check_room(entries, 5, 4711, &limits, &failure));
        assert_errno(queue_check_room(entries, 6, 4711, &limits, &failure), -EDQUOT);
        assert_failure(&failure, "The service has 6 jobs");
}
