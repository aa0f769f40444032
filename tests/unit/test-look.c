/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A look at an image asks its readers, and only the first time. */

#include <fcntl.h>
#include <unistd.h>

#include "config/order.h"
#include "liveos/look.h"
#include "tests/lib/test.h"

#define DISK_BYTES (1024 * 1024)

static const Order order = { .verb = ORDER_IMPORT, .image_max_bytes = DISK_BYTES };

/* A worker has one: sealed readers end with it. */
static void make_lifeline(void) {
        int fds[2];

        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        ck_assert_int_ge(fcntl(fds[1], F_DUPFD_CLOEXEC, 100), 100);
        ck_assert_int_eq(dup2(fds[0], ORDER_FD_LIFELINE), ORDER_FD_LIFELINE);
}

/* An MBR with one partition of Linux. */
static int make_disk(void) {
        static const unsigned char entry[16] = { [4] = 0x83, [8] = 64, [13] = 1 };
        int fd = fcntl(test_file("", 0), F_DUPFD_CLOEXEC, 200);

        ck_assert_int_eq(ftruncate(fd, DISK_BYTES), 0);
        ck_assert_int_eq(pwrite(fd, entry, sizeof(entry), 446), sizeof(entry));
        ck_assert_int_eq(pwrite(fd, "\x55\xaa", 2, 510), 2);
        return fd;
}

TEST(a_disk_is_asked_once)
{
        static Build build, other;
        _cleanup_close_ int fd = make_disk();
        Failure failure = {};

        make_lifeline();
        build = (Build){ .order = &order };
        ck_assert_msg(look_at_image(&build, fd, &failure) >= 0, "%s", failure.message);
        ck_assert_int_eq(build.format.kind, IMAGE_RAW);
        ck_assert_uint_eq(build.format.disk_bytes, DISK_BYTES);
        ck_assert_uint_eq(build.partitions.n_items, 1);
        ck_assert_uint_eq(build.partitions.items[0].offset_bytes, 64 * 512);
        /* With nothing to read, only what is known already can be an answer. */
        assert_ok(look_at_image(&build, -EBADF, &failure));
        ck_assert_uint_eq(build.partitions.n_items, 1);
        other = (Build){ .order = &order };
        ck_assert_int_lt(look_at_image(&other, -EBADF, &failure), 0);
}

/* What failed is no answer, and is asked again. */
TEST(a_refusal_is_not_kept)
{
        static Build build;
        _cleanup_close_ int fd = make_disk();
        Failure failure = {};

        make_lifeline();
        build = (Build){ .order = &order };
        ck_assert_int_eq(pwrite(fd, "KDMV", 4, 0), 4);
        assert_errno(look_at_image(&build, fd, &failure), -EOPNOTSUPP);
        assert_failure(&failure, "VMDK");
        ck_assert_int_eq(pwrite(fd, "\0\0\0\0", 4, 0), 4);
        assert_ok(look_at_image(&build, fd, &failure));
        ck_assert_uint_eq(build.partitions.n_items, 1);
}
