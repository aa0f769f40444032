/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/caller-users.h"

#include "tests/lib/test.h"

#define ANNA   1000
#define BEN    1001
#define SECOND UINT64_C(1000000)

#define _cleanup_caller_users_ _cleanup_(caller_users_done)

static const CallerLimits limits = { .calls_per_second = 10, .burst = 3 };

static CallerUser *anna_with_debt(CallerUsers *users) {
        CallerUser *anna = caller_users_get(users, ANNA, SECOND);

        for (unsigned i = 0; i < limits.burst; i++)
                assert_ok(caller_users_count_call(users, anna, SECOND, NULL));
        return anna;
}

TEST(no_more_than_a_burst_at_once)
{
        _cleanup_caller_users_ CallerUsers users = { .limits = limits };
        CallerUser *anna = anna_with_debt(&users);
        Failure failure = {};

        assert_errno(caller_users_count_call(&users, anna, SECOND, &failure), -ENOBUFS);
        assert_failure(&failure,
                       "You have called this service more than 10 times in a second; wait a moment and try again.");
        assert_errno(caller_users_count_call(&users, anna, SECOND + SECOND / 10 - 1, NULL),
                     -ENOBUFS);
        assert_ok(caller_users_count_call(&users, anna, SECOND + SECOND / 10, NULL));
        assert_errno(caller_users_count_call(&users, anna, SECOND + SECOND / 10, NULL), -ENOBUFS);
}

TEST(no_more_than_a_burst_is_saved)
{
        _cleanup_caller_users_ CallerUsers users = { .limits = limits };
        CallerUser *anna = anna_with_debt(&users);

        for (unsigned i = 0; i < limits.burst; i++)
                assert_ok(caller_users_count_call(&users, anna, 1000 * SECOND, NULL));
        assert_errno(caller_users_count_call(&users, anna, 1000 * SECOND, NULL), -ENOBUFS);
}

TEST(users_do_not_pay_for_each_other)
{
        _cleanup_caller_users_ CallerUsers users = { .limits = limits };

        (void) anna_with_debt(&users);
        assert_ok(caller_users_count_call(
                        &users,
                        caller_users_get(&users, BEN, SECOND),
                        SECOND,
                        NULL));
}

TEST(root_is_not_counted)
{
        _cleanup_caller_users_ CallerUsers users = { .limits = limits };
        CallerUser *root = caller_users_get(&users, 0, SECOND);

        for (unsigned i = 0; i < 100 * limits.burst; i++)
                assert_ok(caller_users_count_call(&users, root, SECOND, NULL));
}

/* A new connection is no new burst. */
TEST(a_debt_outlives_the_connection)
{
        _cleanup_caller_users_ CallerUsers users = { .limits = limits };
        const CallerUser *anna = anna_with_debt(&users);

        (void) caller_users_get(&users, BEN, SECOND);
        ck_assert_ptr_eq(caller_users_get(&users, ANNA, SECOND), anna);
        assert_errno(caller_users_count_call(
                                     &users,
                                     caller_users_get(&users, ANNA, SECOND),
                                     SECOND,
                                     NULL),
                     -ENOBUFS);
}

static size_t count(const CallerUsers *users) {
        size_t n = 0;

        for (const CallerUser *user = users->list; user; user = user->next)
                n++;
        return n;
}

TEST(who_has_neither_connection_nor_debt_is_forgotten)
{
        _cleanup_caller_users_ CallerUsers users = { .limits = limits };
        CallerUser *anna = anna_with_debt(&users);

        caller_users_get(&users, BEN, SECOND)->connections = 1;
        ck_assert_uint_eq(count(&users), 2);
        (void) caller_users_get(&users, BEN + 1, 2 * SECOND);
        ck_assert_uint_eq(count(&users), 2);
        ck_assert_uint_eq(caller_users_get(&users, BEN, 2 * SECOND)->connections, 1);
        for (const CallerUser *user = users.list; user; user = user->next)
                ck_assert_ptr_ne(user, anna);
}
