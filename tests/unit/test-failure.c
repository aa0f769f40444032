/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The failure: one sentence, kept, prefixed, cut. */

#include "tests/lib/test.h"

#include "common/failure.h"
#include "common/strings.h"

TEST(set)
{
        Failure failure = {};

        assert_errno(failure_set(&failure, -EINVAL, "%s: %d", "a", 7), -EINVAL);
        ck_assert_int_eq(failure.error, -EINVAL);
        ck_assert_str_eq(failure.message, "a: 7");
}

TEST(set_errno_ends_with_the_systems_text)
{
        Failure failure = {};

        assert_errno(failure_set_errno(&failure, -ENOSPC, "Cannot write %s", "a"), -ENOSPC);
        ck_assert_str_eq(failure.message, "Cannot write a: No space left on device");
}

TEST(prefix_goes_in_front)
{
        Failure failure = {};

        (void) failure_set(&failure, -ENOENT, "no kernel");
        failure_prefix(&failure, "image %s: ", "a");
        ck_assert_int_eq(failure.error, -ENOENT);
        ck_assert_str_eq(failure.message, "image a: no kernel");
}

TEST(default_keeps_what_is_known)
{
        Failure failure = {};

        assert_errno(failure_default(&failure, -EIO, "%s", "a"), -EIO);
        ck_assert_str_eq(failure.message, "a: Input/output error");
        assert_errno(failure_default(&failure, -ENOENT, "b"), -ENOENT);
        ck_assert_int_eq(failure.error, -EIO);
        ck_assert_str_eq(failure.message, "a: Input/output error");
}

TEST(nobody_wants_to_know)
{
        assert_errno(failure_set(NULL, -EIO, "a"), -EIO);
        assert_errno(failure_set_errno(NULL, -EIO, "a"), -EIO);
        assert_errno(failure_default(NULL, -EIO, "a"), -EIO);
        failure_prefix(NULL, "a");
}

TEST(long_messages_are_cut_and_stay_utf8)
{
        _cleanup_free_ char *text = malloc(4097);
        Failure failure = {};

        for (size_t i = 0; i < 4096; i += 2)
                memcpy(text + i, "\xc3\xa4", 3);
        (void) failure_set(&failure, -EIO, "%s", text);
        ck_assert_uint_eq(strlen(failure.message), FAILURE_MESSAGE_MAX - 1);
        ck_assert(str_is_utf8(failure.message));
        failure_prefix(&failure, "ab");
        ck_assert_uint_eq(strlen(failure.message), FAILURE_MESSAGE_MAX - 1);
        ck_assert(str_is_utf8(failure.message));
        (void) failure_set_errno(&failure, -EIO, "%s", text);
        ck_assert(str_is_utf8(failure.message));
}

TEST(other_bytes_are_mended)
{
        Failure failure = {};

        (void) failure_set(&failure, -EIO, "file \"%s\"", "\xff");
        ck_assert_str_eq(failure.message, "file \"?\"");
}
