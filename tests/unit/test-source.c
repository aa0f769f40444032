/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the sealed child says of a caller's file before it copies it: the service has looked at it, too,
 * but without asking its file system, and before it could grow. */

#include <fcntl.h>
#include <inttypes.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "liveos/source.h"
#include "tests/lib/test.h"

#define MAX_BYTES 4096u

static int open_text(const char *text) {
        return open(text, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static int open_pipe(const char *text _unused_) {
        int ends[2];

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        return ends[0];
}

static int open_socket(const char *text _unused_) {
        return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int open_event(const char *text _unused_) {
        return eventfd(0, EFD_CLOEXEC);
}

static int open_large(const char *text _unused_) {
        int fd = memfd_create("large", MFD_CLOEXEC);

        ck_assert_int_eq(ftruncate(fd, MAX_BYTES + 1), 0);
        return fd;
}

static const struct {
        int (*open)(const char *text);
        const char *text;
        int error;
        const char *words;
} refused[] = {
        { open_text, "/", -EINVAL, "not a regular file" },
        { open_text, "/dev/zero", -EINVAL, "not a regular file" },
        { open_pipe, NULL, -EINVAL, "not a regular file" },
        { open_socket, NULL, -EINVAL, "not a regular file" },
        { open_event, NULL, -EINVAL, "not a regular file" },
        { open_text, "/proc/self/status", -EINVAL, "of type proc" },
        { open_text, "/sys/kernel/uevent_seqnum", -EINVAL, "of type sysfs" },
        { open_large, NULL, -EFBIG, "has 4097 bytes" },
};

TEST_ROWS(what_is_refused, ELEMENTSOF(refused)) {
        _cleanup_close_ int fd = refused[_i].open(refused[_i].text);
        Failure failure = {};
        Source source;

        ck_assert_int_ge(fd, 0);
        assert_errno(source_look(fd, "It", MAX_BYTES, &source, &failure), refused[_i].error);
        assert_failure(&failure, refused[_i].words);
}

TEST(what_is_taken)
{
        _cleanup_close_ int fd = memfd_create("whole", MFD_CLOEXEC);
        Failure failure = {};
        Source source;

        ck_assert_int_eq(ftruncate(fd, MAX_BYTES), 0);
        assert_ok(source_look(fd, "It", MAX_BYTES, &source, &failure));
        ck_assert_uint_eq(source.size_bytes, MAX_BYTES);
        ck_assert(source.is_local);
}

/* Whatever is in no table may be anybody's: a file of large pages stands for a stranger's server. */
TEST(what_is_not_known_is_not_local)
{
        _cleanup_close_ int fd = memfd_create("pages", MFD_CLOEXEC | MFD_HUGETLB);
        Failure failure = {};
        Source source;

        if (fd < 0)
                return;
        assert_ok(source_look(fd, "It", MAX_BYTES, &source, &failure));
        ck_assert(!source.is_local);
}

static void fill(int fd, uint64_t size_bytes) {
        ck_assert_int_eq(ftruncate(fd, (off_t) size_bytes), 0);
        ck_assert_int_eq(pwrite(fd, "begin", 5, 0), 5);
        ck_assert_int_eq(pwrite(fd, "end", 3, (off_t) size_bytes - 3), 3);
}

/* Both ways to copy: what is longer or shorter by then counts as it was looked at. */
TEST_ROWS(copies_what_was_seen, 2) {
        _cleanup_close_ int from_fd = memfd_create("from", MFD_CLOEXEC);
        _cleanup_close_ int to_fd = memfd_create("to", MFD_CLOEXEC);
        const uint64_t size_bytes = 5 * 1024 * 1024;
        const Source source = { .size_bytes = size_bytes, .is_local = _i == 0 };
        struct stat st;
        char text[4] = "";

        fill(from_fd, size_bytes);
        ck_assert_int_eq(lseek(from_fd, 12345, SEEK_SET), 12345);
        assert_ok(source_copy(&source, from_fd, to_fd));
        ck_assert_int_eq(fstat(to_fd, &st), 0);
        ck_assert_int_eq(st.st_size, (off_t) size_bytes);
        ck_assert_int_lt(st.st_blocks, 3 * 1024 * 1024 / 512);
        ck_assert_int_eq(pread(to_fd, text, 3, (off_t) size_bytes - 3), 3);
        ck_assert_str_eq(text, "end");
        if (source.is_local)
                return;
        ck_assert_int_eq(ftruncate(from_fd, (off_t) size_bytes - 1), 0);
        assert_errno(source_copy(&source, from_fd, to_fd), -EBUSY);
}
