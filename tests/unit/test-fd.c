/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Descriptors: whole reads and writes, copies with holes, opening below a stranger's folder. */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "common/fd.h"

#define MIB (1024U * 1024U)

TEST(read_all)
{
        _cleanup_close_ int fd = test_file("a\0bc", 4);
        _cleanup_free_ char *data = NULL;
        size_t size = 0;

        assert_errno(fd_read_all(fd, 3, &data, &size), -EFBIG);
        ck_assert_ptr_null(data);
        ck_assert_int_eq(lseek(fd, 1, SEEK_SET), 1);
        assert_ok(fd_read_all(fd, 3, &data, &size));
        ck_assert_uint_eq(size, 3);
        ck_assert_mem_eq(data, "\0bc", 4);
}

TEST(read_all_of_nothing)
{
        _cleanup_close_ int fd = test_file("", 0);
        _cleanup_free_ char *data = NULL;
        size_t size = 7;

        assert_ok(fd_read_all(fd, 0, &data, &size));
        ck_assert_uint_eq(size, 0);
        ck_assert_str_eq(data, "");
}

TEST(pread_all_leaves_the_position)
{
        _cleanup_close_ int fd = test_file("abc", 3);
        _cleanup_free_ char *data = NULL;
        size_t size;

        ck_assert_int_eq(lseek(fd, 2, SEEK_SET), 2);
        assert_errno(fd_pread_all(fd, 2, &data, &size), -EFBIG);
        assert_ok(fd_pread_all(fd, 3, &data, &size));
        ck_assert_str_eq(data, "abc");
        ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 2);
}

TEST(pread_all_wants_a_regular_file)
{
        _cleanup_close_ int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        _cleanup_free_ char *data = NULL;
        size_t size;

        assert_errno(fd_pread_all(fd, 3, &data, &size), -EINVAL);
        assert_errno(fd_pread_all(-EBADF, 3, &data, &size), -EBADF);
}

TEST(write_all)
{
        _cleanup_close_ int fd = test_file("", 0), full = open("/dev/full", O_WRONLY | O_CLOEXEC);
        _cleanup_free_ char *data = NULL;
        size_t size;

        assert_ok(fd_write_all(fd, "abc", 3));
        assert_ok(fd_write_all(fd, NULL, 0));
        assert_ok(fd_pread_all(fd, 9, &data, &size));
        ck_assert_str_eq(data, "abc");
        assert_errno(fd_write_all(full, "abc", 3), -ENOSPC);
}

/* 1 MiB of 'a', 2 MiB of nothing, "b", and 1 MiB of nothing. */
static int sparse_file(void) {
        _cleanup_free_ char *data = malloc(MIB);
        int fd;

        memset(data, 'a', MIB);
        fd = test_file(data, MIB);
        ck_assert_int_eq(pwrite(fd, "b", 1, 3 * MIB), 1);
        ck_assert_int_eq(ftruncate(fd, 4 * MIB), 0);
        return fd;
}

TEST(count_data_leaves_holes_out)
{
        _cleanup_close_ int sparse = sparse_file(), folder = open("/", O_PATH | O_CLOEXEC);
        uint64_t bytes = 0;

        assert_ok(fd_count_data(sparse, &bytes));
        ck_assert_uint_gt(bytes, MIB);
        ck_assert_uint_le(bytes, 2 * MIB);
        assert_errno(fd_count_data(folder, &bytes), -EINVAL);
}

static void check_same(int a, int b, size_t expected_size) {
        _cleanup_free_ char *data_a = NULL, *data_b = NULL;
        size_t size_a, size_b;

        assert_ok(fd_pread_all(a, 8 * MIB, &data_a, &size_a));
        assert_ok(fd_pread_all(b, 8 * MIB, &data_b, &size_b));
        ck_assert_uint_eq(size_a, expected_size);
        ck_assert_uint_eq(size_b, expected_size);
        ck_assert(memcmp(data_a, data_b, expected_size) == 0);
}

TEST(copy_file_keeps_holes)
{
        _cleanup_close_ int from = sparse_file(), to = test_file("", 0);
        struct stat st;

        assert_ok(fd_copy_file(from, to));
        check_same(from, to, 4 * MIB);
        ck_assert_int_eq(fstat(to, &st), 0);
        ck_assert_int_lt(st.st_blocks * 512, 2 * MIB);
}

TEST(copy_file_replaces_what_was_there)
{
        _cleanup_free_ char *older = malloc(6 * MIB);
        _cleanup_close_ int from = sparse_file(), to = -EBADF;

        memset(older, 'x', 6 * MIB);
        to = test_file(older, 6 * MIB);
        assert_ok(fd_copy_file(from, to));
        check_same(from, to, 4 * MIB);
}

TEST(copy_file_wants_a_regular_file)
{
        _cleanup_close_ int from = open("/dev/zero", O_RDONLY | O_CLOEXEC), to = test_file("", 0);

        assert_errno(fd_copy_file(from, to), -EINVAL);
}

TEST(copy_range_moves_offsets)
{
        _cleanup_close_ int from = test_file("0123456789", 10), to = test_file("abcdef", 6);
        _cleanup_free_ char *data = NULL;
        size_t size;

        assert_ok(fd_copy_range(from, 2, to, 4, 5));
        assert_ok(fd_pread_all(to, 100, &data, &size));
        ck_assert_str_eq(data, "abcd23456");
        assert_errno(fd_copy_range(from, 8, to, 0, 3), -ENODATA);
        assert_errno(fd_copy_range(from, UINT64_MAX, to, 0, 3), -EINVAL);
        assert_errno(fd_copy_range(from, 0, to, UINT64_MAX, 3), -EINVAL);
}

TEST(copy_range_counts_a_hole_at_the_end)
{
        _cleanup_close_ int from = sparse_file(), to = test_file("", 0);
        struct stat st;

        assert_ok(fd_copy_range(from, 3 * MIB, to, 0, MIB));
        ck_assert_int_eq(fstat(to, &st), 0);
        ck_assert_int_eq(st.st_size, MIB);
}

/* ---- a stranger's folder ---- */

/* root/{file, inside -> file, absolute -> /file, up -> ../secret, folder/{out -> ../../secret}} beside
 * "secret". */
static int stranger(int folder_fd) {
        int root_fd;

        ck_assert_int_eq(mkdirat(folder_fd, "root", 0755), 0);
        root_fd = openat(folder_fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(root_fd, 0);
        (void) close(openat(folder_fd, "secret", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        (void) close(openat(root_fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        ck_assert_int_eq(mkdirat(root_fd, "folder", 0755), 0);
        ck_assert_int_eq(symlinkat("file", root_fd, "inside"), 0);
        ck_assert_int_eq(symlinkat("/file", root_fd, "absolute"), 0);
        ck_assert_int_eq(symlinkat("../secret", root_fd, "up"), 0);
        ck_assert_int_eq(symlinkat("../../secret", root_fd, "folder/out"), 0);
        ck_assert_int_eq(symlinkat("folder", root_fd, "to-folder"), 0);
        ck_assert_int_eq(symlinkat("loop", root_fd, "loop"), 0);
        return root_fd;
}

static const struct {
        const char *path;
        int in_root, beneath; /* 0: it opens */
} ways[] = {
        { "file", 0, 0 },
        { "/file", 0, -EXDEV },
        { "folder/../file", 0, 0 },
        { "inside", 0, -ELOOP },
        { "absolute", 0, -ELOOP },
        { "up", -ENOENT, -ELOOP },
        { "folder/out", -ENOENT, -ELOOP },
        { "to-folder/../file", 0, -ELOOP },
        { "../secret", -ENOENT, -EXDEV },
        { "../root/file", -ENOENT, -EXDEV },
        { "loop", -ELOOP, -ELOOP },
        { "nothing", -ENOENT, -ENOENT },
        { "", -ENOENT, -ENOENT },
};

static void check_open(int fd, int expected, const char *path) {
        ck_assert_msg(expected == 0 ? fd >= 0 : fd == expected, "%s: %d", path, fd);
        if (fd < 0)
                return;
        ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        (void) close(fd);
}

TEST_ROWS(ways_out, ELEMENTSOF(ways)) {
        _cleanup_close_ int folder_fd = -EBADF, root_fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        const char *path = ways[_i].path;

        root_fd = stranger(folder_fd);
        check_open(fd_open_in_root(root_fd, path, O_RDONLY, 0), ways[_i].in_root, path);
        check_open(fd_open_beneath(root_fd, path, O_RDONLY, 0), ways[_i].beneath, path);
}

TEST(open_child)
{
        _cleanup_close_ int folder_fd = -EBADF, root_fd = -EBADF, slash_fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);

        root_fd = stranger(folder_fd);
        check_open(fd_open_child(root_fd, "file", O_RDONLY), 0, "file");
        check_open(fd_open_child(root_fd, "folder", O_RDONLY | O_DIRECTORY), 0, "folder");
        check_open(fd_open_child(root_fd, "inside", O_RDONLY), -ELOOP, "inside");
        check_open(fd_open_child(root_fd, "..", O_RDONLY), -EXDEV, "..");
        slash_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        check_open(fd_open_child(slash_fd, "proc", O_RDONLY), -EXDEV, "proc");
}

TEST(opening_creates)
{
        _cleanup_close_ int folder_fd = -EBADF, fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        struct stat st;

        fd = fd_open_beneath(folder_fd, "new", O_WRONLY | O_CREAT | O_EXCL, 0600);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fstat(fd, &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0600);
}

TEST(close_on_exec_from)
{
        _cleanup_close_ int low = fcntl(0, F_DUPFD, 100), high = fcntl(0, F_DUPFD, 200);

        ck_assert_int_ge(low, 100);
        ck_assert_int_ge(high, 200);
        assert_ok(fd_close_on_exec_from(200));
        ck_assert_int_eq(fcntl(low, F_GETFD), 0);
        ck_assert_int_eq(fcntl(high, F_GETFD), FD_CLOEXEC);
}
