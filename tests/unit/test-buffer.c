/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The growing run of bytes. */

#include "tests/lib/test.h"

#include "common/buffer.h"

TEST(grows_and_ends_with_nul)
{
        _cleanup_buffer_ Buffer buffer = {};

        for (unsigned i = 0; i < 5000; i++) {
                assert_ok(buffer_append(&buffer, "ab", 2));
                ck_assert_uint_eq(buffer.size, 2 * (i + 1));
                ck_assert_int_eq(buffer.data[buffer.size], '\0');
        }
        ck_assert_uint_eq(strlen(buffer.data), 10000);
}

TEST(holds_any_bytes)
{
        _cleanup_buffer_ Buffer buffer = {};

        assert_ok(buffer_append(&buffer, "a\0b", 3));
        assert_ok(buffer_append(&buffer, NULL, 0));
        ck_assert_uint_eq(buffer.size, 3);
        ck_assert_mem_eq(buffer.data, "a\0b", 4);
}

TEST(printf_and_strings)
{
        _cleanup_buffer_ Buffer buffer = {};

        assert_ok(buffer_append_string(&buffer, "a"));
        assert_ok(buffer_printf(&buffer, "%05d%s", 42, "x"));
        assert_ok(buffer_printf(&buffer, "%s", ""));
        ck_assert_str_eq(buffer.data, "a00042x");
}

TEST(clear_keeps_the_memory)
{
        _cleanup_buffer_ Buffer buffer = {};

        buffer_clear(&buffer);
        assert_ok(buffer_append_string(&buffer, "abc"));
        buffer_clear(&buffer);
        ck_assert_uint_eq(buffer.size, 0);
        ck_assert_str_eq(buffer.data, "");
        ck_assert_uint_gt(buffer.allocated, 0);
}

TEST(take_hands_over)
{
        _cleanup_free_ char *nothing = NULL, *text = NULL;
        _cleanup_buffer_ Buffer buffer = {};

        nothing = buffer_take(&buffer);
        ck_assert_str_eq(nothing, "");
        ck_assert_ptr_null(buffer.data);
        assert_ok(buffer_append_string(&buffer, "abc"));
        text = buffer_take(&buffer);
        ck_assert_str_eq(text, "abc");
        ck_assert_uint_eq(buffer.size, 0);
        ck_assert_uint_eq(buffer.allocated, 0);
}

TEST(too_much_is_refused)
{
        _cleanup_buffer_ Buffer buffer = {};

        assert_ok(buffer_append_string(&buffer, "abc"));
        assert_errno(buffer_append(&buffer, "x", SIZE_MAX - 1), -ENOMEM);
        ck_assert_str_eq(buffer.data, "abc");
}
