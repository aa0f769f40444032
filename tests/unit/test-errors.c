/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <systemd/sd-bus.h>

#include "dbus/errors.h"
#include "dbus/names.h"
#include "tests/lib/test.h"

static const struct {
        int error;
        const char *name;
        int back; /* what the name alone says, where several errnos share it */
} rows[] = {
        { EBADMSG, BUS_ERROR_INVALID_CONFIG, EBADMSG },
        { ENOEXEC, BUS_ERROR_INVALID_IMAGE, ENOEXEC },
        { ENOPKG, BUS_ERROR_INCOMPATIBLE, ENOPKG },
        { EOPNOTSUPP, BUS_ERROR_UNSUPPORTED, EOPNOTSUPP },
        { ENOSPC, BUS_ERROR_NO_SPACE, ENOSPC },
        { EFBIG, BUS_ERROR_NO_SPACE, ENOSPC },
        { ECANCELED, BUS_ERROR_CANCELLED, ECANCELED },
        { EINTR, BUS_ERROR_INTERRUPTED, EINTR },
        { EEXIST, BUS_ERROR_IMAGE_EXISTS, EEXIST },
        { ENOMEDIUM, BUS_ERROR_NO_SUCH_IMAGE, ENOMEDIUM },
        { EHOSTUNREACH, BUS_ERROR_NO_SUCH_TARGET, EHOSTUNREACH },
        { ESTALE, BUS_ERROR_NO_SUCH_ARTIFACT, ESTALE },
        { ENOENT, BUS_ERROR_NO_SUCH_FILE, ENOENT },
        { EDQUOT, BUS_ERROR_TOO_MANY_JOBS, EDQUOT },
        { EBUSY, BUS_ERROR_BUSY, EBUSY },
        { EACCES, SD_BUS_ERROR_ACCESS_DENIED, EACCES },
        { EPERM, SD_BUS_ERROR_ACCESS_DENIED, EACCES },
        { ENOKEY, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, ENOKEY },
        { EINVAL, SD_BUS_ERROR_INVALID_ARGS, EINVAL },
        { ENOBUFS, SD_BUS_ERROR_LIMITS_EXCEEDED, ENOBUFS },
        { ENOMEM, SD_BUS_ERROR_NO_MEMORY, ENOMEM },
        { ETIMEDOUT, SD_BUS_ERROR_TIMEOUT, ETIMEDOUT },
        { EIO, BUS_ERROR_FAILED, EIO },
        { EXDEV, BUS_ERROR_FAILED, EIO },
};

TEST_ROWS(errno_and_name, ELEMENTSOF(rows)) {
        ck_assert_str_eq(bus_error_name(-rows[_i].error), rows[_i].name);
        ck_assert_str_eq(bus_error_name(rows[_i].error), rows[_i].name);
        ck_assert_int_eq(bus_error_to_errno(rows[_i].name), rows[_i].back);
        ck_assert_str_ne(bus_error_text(-rows[_i].error), "");
}

TEST(unknown_names_are_failures)
{
        ck_assert_int_eq(bus_error_to_errno("org.example.Error.Odd"), EIO);
        ck_assert_int_eq(bus_error_to_errno(NULL), EIO);
}

TEST(sd_bus_knows_our_names)
{
        const sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(BUS_ERROR_NO_SUCH_TARGET, "x");

        assert_ok(bus_errors_register());
        assert_ok(bus_errors_register());
        ck_assert_int_eq(sd_bus_error_get_errno(&error), EHOSTUNREACH);
}

TEST(failure_becomes_an_error)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        assert_errno(bus_failure(&error, -EBADMSG, "config.yaml:3:1: unknown key 'oss'"), -EBADMSG);
        ck_assert_str_eq(error.name, "org.pxed1.Error.InvalidConfig");
        ck_assert_str_eq(error.message, "config.yaml:3:1: unknown key 'oss'");
}

TEST(failure_without_a_sentence_gets_the_tables)
{
        _cleanup_(sd_bus_error_free) sd_bus_error a = SD_BUS_ERROR_NULL, b = SD_BUS_ERROR_NULL;

        assert_errno(bus_failure(&a, -EDQUOT, NULL), -EDQUOT);
        ck_assert_str_eq(a.message, "you have too many jobs");
        assert_errno(bus_failure(&b, -EXDEV, ""), -EXDEV);
        ck_assert_str_eq(b.message, "it failed");
}

TEST(failure_keeps_an_error_that_is_set)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        (void) sd_bus_error_set(&error, BUS_ERROR_BUSY, "first");
        assert_errno(bus_failure(&error, -EIO, "second"), -EIO);
        ck_assert_str_eq(error.message, "first");
}
