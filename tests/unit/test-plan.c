/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plan of a container: what is refused while it is written, and how it reads. */

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "container/plan.h"
#include "tests/lib/test.h"

static const char *const bad_targets[] = {
        "", "work", "/", "//", "/work/", "/work//inner", "/out/../etc", "/.", "/..", "/out/.",
};

TEST_ROWS(bad_targets_are_refused, ELEMENTSOF(bad_targets)) {
        _cleanup_(plan_freep) Plan *plan = plan_new(65536);

        assert_errno(plan_add_directory(plan, bad_targets[_i], 0755), -EINVAL);
        ck_assert_uint_eq(plan->n_ops, 0);
}

TEST(ids_leave_the_host_its_own)
{
        _cleanup_(plan_freep) Plan *plan = plan_new(65536);

        ck_assert_ptr_nonnull(plan);
        ck_assert_ptr_null(plan_new(0));
        ck_assert_ptr_null(plan_new(INT32_MAX - 100));
}

TEST(host_names_are_checked)
{
        _cleanup_(plan_freep) Plan *plan = plan_new(65536);

        assert_ok(plan_set_hostname(plan, "a-b.c9"));
        assert_errno(plan_set_hostname(plan, ""), -EINVAL);
        assert_errno(plan_set_hostname(plan, "a b"), -EINVAL);
        assert_errno(plan_set_hostname(plan, "a\nnetwork yes"), -EINVAL);
        ck_assert_str_eq(plan->hostname, "a-b.c9");
}

static const struct {
        PlanPartition partition;
        int error;
        const char *part;
} partitions[] = {
        { { "/a", 0, 0, 4096, "ntfs" }, -EOPNOTSUPP, "\"ntfs\"" },
        { { "/a", 0, 0, 4096, NULL }, -EOPNOTSUPP, "no file system" },
        { { "/a", 0, 512, 0, "ext4" }, -EINVAL, "size 0" },
        { { "/a", 0, INT64_MAX, 1, "ext4" }, -EINVAL, "byte 9223372036854775807" },
        { { "/a", 0, 0, UINT64_MAX, "ext4" }, -EINVAL, "impossible" },
        { { "a", 0, 0, 4096, "ext4" }, -EINVAL, "\"a\"" },
};

TEST_ROWS(impossible_partitions_are_refused, ELEMENTSOF(partitions)) {
        _cleanup_(plan_freep) Plan *plan = plan_new(65536);
        Failure failure = {};

        assert_errno(plan_add_partition(plan, &partitions[_i].partition, &failure),
                     partitions[_i].error);
        assert_failure(&failure, partitions[_i].part);
        ck_assert_uint_eq(plan->n_ops, 0);
}

static const char golden[] =
                "ids 65536+65536\n"
                "hostname pxed\n"
                "network yes allow=10.1.0.0/16,fd00::/8\n"
                "limit core 0\n"
                "limit nofile 4096\n"
                "limit nproc 100\n"
                "directory /image mode=0755\n"
                "tmpfs /tmp size=4096 mode=1777 nosuid nodev owned\n"
                "bind /work from=fd nosuid nodev idmapped\n"
                "partition /image/part/1 from=fd type=xfs offset=1048576 size=4096 ro nosuid nodev idmapped\n"
                "descriptors 1\n";

TEST(plan_reads_as_written)
{
        _cleanup_(plan_freep) Plan *plan = plan_new(65536);
        const PlanPartition partition = { "/image/part/1", STDIN_FILENO, 1048576, 4096, "xfs" };
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        assert_ok(plan_set_limit(plan, RLIMIT_NPROC, 100));
        assert_ok(plan_set_network(plan, "10.1.0.0/16,fd00::/8"));
        assert_errno(plan_set_network(plan, "10.1.0.0/16, up"), -EINVAL);
        assert_ok(plan_add_directory(plan, "/image", 0755));
        assert_ok(plan_add_tmpfs(plan, "/tmp", 01777, 4096));
        assert_ok(plan_add_bind(plan, STDIN_FILENO, "/work", OP_IDMAPPED));
        assert_ok(plan_add_partition(plan, &partition, NULL));
        assert_ok(plan_keep_fd(plan, STDOUT_FILENO));
        f = open_memstream(&text, &size);
        plan_print(plan, f);
        ck_assert_int_eq(fclose(f), 0);
        ck_assert_str_eq(text, golden);
}

TEST(base_hides_what_is_dangerous)
{
        _cleanup_(plan_freep) Plan *plan = plan_new(65536);
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        assert_ok(plan_add_base(plan));
        f = open_memstream(&text, &size);
        plan_print(plan, f);
        ck_assert_int_eq(fclose(f), 0);
        ck_assert_ptr_nonnull(strstr(text, "bind /usr from=/usr ro nosuid nodev recursive\n"));
        ck_assert_ptr_nonnull(strstr(text, "mask /proc/kcore\n"));
        ck_assert_ptr_nonnull(strstr(text, "shield /proc/sys\n"));
        ck_assert_ptr_nonnull(strstr(text, "directory /sys mode=0555\n"));
        ck_assert_ptr_null(strstr(text, "/etc/shadow"));
}
