/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Archives as they are written. The cpio is read here by hand, as the kernel does it, so that no
 * library agrees with itself.
 */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "common/archive.h"
#include "common/buffer.h"
#include "common/fd.h"
#include "common/strings.h"

typedef struct Cpio {
        const char *at;
        const char *end;
        unsigned long field[13]; /* ino mode uid gid nlink mtime filesize dev(2) rdev(2) … */
        const char *name;
        const char *content;
        size_t size;
} Cpio;

enum {
        CPIO_INO,
        CPIO_MODE,
        CPIO_UID,
        CPIO_GID,
        CPIO_NLINK,
        CPIO_MTIME,
        CPIO_SIZE,
        CPIO_DEV_MAJOR,
        CPIO_DEV_MINOR,
        CPIO_RDEV_MAJOR,
        CPIO_RDEV_MINOR,
        CPIO_NAME_SIZE,
        CPIO_CHECK,
};

/* The next entry of a newc stream, read as the kernel's init/initramfs.c describes it. */
static bool cpio_next(Cpio *cpio) {
        ck_assert_int_ge(cpio->end - cpio->at, 110);
        ck_assert_int_eq(memcmp(cpio->at, "070701", 6), 0);
        for (int i = 0; i < 13; i++) {
                char digits[9] = {};

                memcpy(digits, cpio->at + 6 + 8 * i, 8);
                cpio->field[i] = strtoul(digits, NULL, 16);
        }
        cpio->name = cpio->at + 110;
        ck_assert_uint_eq(strlen(cpio->name) + 1, cpio->field[CPIO_NAME_SIZE]);
        cpio->content = cpio->at + ((110 + cpio->field[CPIO_NAME_SIZE] + 3) & ~3UL);
        cpio->size = cpio->field[CPIO_SIZE];
        cpio->at = cpio->content + ((cpio->size + 3) & ~3UL);
        ck_assert_int_ge(cpio->end - cpio->at, 0);
        return strcmp(cpio->name, "TRAILER!!!") != 0;
}

static void cpio_expect(Cpio *cpio, const char *name, unsigned long mode, const char *content) {
        ck_assert_msg(cpio_next(cpio), "the end instead of %s", name);
        ck_assert_str_eq(cpio->name, name);
        ck_assert_msg(cpio->field[CPIO_MODE] == mode,
                      "%s: mode %lo instead of %lo",
                      name,
                      cpio->field[CPIO_MODE],
                      mode);
        ck_assert_uint_eq(cpio->size, strlen(content));
        ck_assert_int_eq(memcmp(cpio->content, content, cpio->size), 0);
        ck_assert_uint_eq(cpio->field[CPIO_DEV_MAJOR], 0);
        ck_assert_uint_eq(cpio->field[CPIO_DEV_MINOR], 0);
        ck_assert_uint_eq(cpio->field[CPIO_CHECK], 0);
}

static void write_file(int folder_fd, const char *name, const char *content, mode_t mode) {
        _cleanup_close_ int fd = openat(
                        folder_fd,
                        name,
                        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                        0600);

        ck_assert_int_ge(fd, 0);
        assert_ok(fd_write_all(fd, content, strlen(content)));
        ck_assert_int_eq(fchmod(fd, mode), 0);
}

/* What a real root has: links of both kinds, a fifo, a socket's place, odd modes and names. */
static void make_tree(int fd) {
        ck_assert_int_eq(mkdirat(fd, "b", 0750), 0);
        ck_assert_int_eq(mkdirat(fd, "a", 0700), 0);
        ck_assert_int_eq(fchmodat(fd, "a", 01777, 0), 0);
        write_file(fd, "b/two", "shared", 0644);
        ck_assert_int_eq(linkat(fd, "b/two", fd, "b/one", 0), 0);
        ck_assert_int_eq(linkat(fd, "b/two", fd, "z", 0), 0);
        write_file(fd, "b/su", "x", 04755);
        write_file(fd,
                   "gr\xc3\xb6\xc3\x9f"
                   "e",
                   "",
                   0400);
        ck_assert_int_eq(symlinkat("../nowhere", fd, "a/link"), 0);
        ck_assert_int_eq(mkfifoat(fd, "fifo", 0600), 0);
        ck_assert_int_eq(mknodat(fd, "socket", S_IFSOCK | 0600, 0), 0);
        for (size_t i = 0; i < 2; i++) {
                const struct timespec times[2] = { { .tv_sec = 7 }, { .tv_sec = 1234567 } };

                ck_assert_int_eq(utimensat(fd, i ? "z" : "a/link", times, AT_SYMLINK_NOFOLLOW), 0);
        }
}

static int write_tree(ArchiveFormat format, int folder_fd, Failure *failure) {
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        int fd = test_file("", 0);

        assert_ok(archive_writer_new(format, fd, &w));
        assert_ok(archive_add_tree(w, folder_fd, NULL, NULL, failure));
        assert_ok(archive_add_device(w, "dev/console", S_IFCHR | 0600, 5, 1));
        assert_ok(archive_writer_finish(w, failure));
        return fd;
}

TEST(cpio_of_a_tree)
{
        _cleanup_close_ int folder_fd = -EBADF, fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        _cleanup_free_ char *data = NULL;
        Failure failure = {};
        size_t size;
        Cpio cpio;
        unsigned long shared;

        make_tree(folder_fd);
        fd = write_tree(ARCHIVE_CPIO, folder_fd, &failure);
        assert_ok(fd_pread_all(fd, 1U << 20, &data, &size));
        cpio = (Cpio){ .at = data, .end = data + size };

        cpio_expect(&cpio, ".", S_IFDIR | 0755, "");
        cpio_expect(&cpio, "a", S_IFDIR | 01777, "");
        cpio_expect(&cpio, "a/link", S_IFLNK | 0777, "../nowhere");
        ck_assert_uint_eq(cpio.field[CPIO_MTIME], 1234567);
        cpio_expect(&cpio, "b", S_IFDIR | 0750, "");
        cpio_expect(&cpio, "b/one", S_IFREG | 0644, "shared");
        ck_assert_uint_eq(cpio.field[CPIO_NLINK], 3);
        ck_assert_uint_eq(cpio.field[CPIO_UID], getuid());
        ck_assert_uint_eq(cpio.field[CPIO_MTIME], 1234567);
        shared = cpio.field[CPIO_INO];
        cpio_expect(&cpio, "b/su", S_IFREG | 04755, "x");
        ck_assert_uint_eq(cpio.field[CPIO_NLINK], 1);
        ck_assert_uint_ne(cpio.field[CPIO_INO], shared);
        cpio_expect(&cpio, "b/two", S_IFREG | 0644, "");
        ck_assert_uint_eq(cpio.field[CPIO_INO], shared);
        ck_assert_uint_eq(cpio.field[CPIO_NLINK], 3);
        cpio_expect(&cpio, "fifo", S_IFIFO | 0600, "");
        cpio_expect(&cpio,
                    "gr\xc3\xb6\xc3\x9f"
                    "e",
                    S_IFREG | 0400,
                    "");
        cpio_expect(&cpio, "z", S_IFREG | 0644, "");
        ck_assert_uint_eq(cpio.field[CPIO_INO], shared);
        cpio_expect(&cpio, "dev/console", S_IFCHR | 0600, "");
        ck_assert_uint_eq(cpio.field[CPIO_RDEV_MAJOR], 5);
        ck_assert_uint_eq(cpio.field[CPIO_RDEV_MINOR], 1);
        ck_assert_uint_eq(cpio.field[CPIO_UID], 0);
        ck_assert(!cpio_next(&cpio));
}

/* The same tree gives the same bytes, wherever it lies. */
TEST(writing_is_deterministic)
{
        static const ArchiveFormat formats[] = { ARCHIVE_TAR, ARCHIVE_TAR_GZIP, ARCHIVE_CPIO };

        for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
                _cleanup_free_ char *data[2] = {};
                _cleanup_free_ char *second = NULL;
                size_t size[2];

                for (size_t k = 0; k < 2; k++) {
                        _cleanup_close_ int folder_fd = -EBADF, fd = -EBADF;
                        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
                        const struct timespec times[2] = { { .tv_sec = 7 }, { .tv_sec = 7 } };

                        write_file(folder_fd, k ? "a" : "b", "same", 0644);
                        write_file(folder_fd, k ? "b" : "a", "same", 0644);
                        ck_assert_int_eq(utimensat(folder_fd, "a", times, 0), 0);
                        ck_assert_int_eq(utimensat(folder_fd, "b", times, 0), 0);
                        ck_assert_int_eq(futimens(folder_fd, times), 0);
                        fd = write_tree(formats[i], folder_fd, /* failure= */ NULL);
                        assert_ok(fd_pread_all(fd, 1U << 20, &data[k], &size[k]));
                }
                second = data[1];
                ck_assert_uint_eq(size[0], size[1]);
                ck_assert_int_eq(memcmp(data[0], data[1], size[0]), 0);
        }
}

/* What is later is cut, what is earlier stays. */
TEST(newest_time_is_bounded)
{
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int fd = test_file("", 0);
        _cleanup_free_ char *data = NULL;
        size_t size;
        Cpio cpio;

        assert_ok(archive_writer_new(ARCHIVE_CPIO, fd, &w));
        archive_writer_set_newest(w, 1000);
        for (int64_t mtime = 999; mtime <= 1001; mtime++)
                assert_ok(archive_add_folder(w, "a", 0755, mtime));
        archive_writer_set_newest(w, 0);
        assert_ok(archive_add_folder(w, "a", 0755, 1001));
        assert_ok(archive_writer_finish(w, NULL));
        assert_ok(fd_pread_all(fd, 1U << 20, &data, &size));
        cpio = (Cpio){ .at = data, .end = data + size };
        for (size_t i = 0; i < 4; i++) {
                static const unsigned long expected[] = { 999, 1000, 1000, 1001 };

                ck_assert(cpio_next(&cpio));
                ck_assert_uint_eq(cpio.field[CPIO_MTIME], expected[i]);
        }
}

static int note(void *userdata, ArchiveEntry *entry, Failure *reterr _unused_) {
        _cleanup_free_ char *data = NULL;
        size_t size;

        assert_ok(archive_entry_read(entry, 100, &data, &size));
        assert_ok(buffer_printf(userdata, "%s=%s ", archive_entry_name(entry), data));
        return 0;
}

/* What is written is what the reader takes, names beyond ASCII included. */
TEST(tar_reads_back)
{
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int fd = test_file("", 0), content = test_file("\0A", 2);
        _cleanup_free_ char *long_name = malloc(301);
        ArchiveLimits limits = { .max_bytes = 1000, .max_entries = 10 };
        Failure failure = {};
        _cleanup_buffer_ Buffer seen = {};

        memset(long_name, 'n', 300);
        long_name[300] = '\0';
        assert_ok(archive_writer_new(ARCHIVE_TAR, fd, &w));
        assert_ok(archive_add_bytes(w, "config.yaml", 0640, 0, "iso: {}", 7));
        assert_ok(archive_add_folder(w, "files", 0755, 0));
        assert_ok(archive_add_file(w, "files/empty", 0640, 0, content));
        assert_ok(archive_add_bytes(
                        w,
                        "files/gr\xc3\xb6\xc3\x9f"
                        "e",
                        0640,
                        0,
                        "1",
                        1));
        assert_ok(archive_add_bytes(w, "files/\xff\xfe", 0640, 0, "2", 1));
        assert_ok(archive_add_bytes(w, long_name, 0640, 0, "", 0));
        assert_ok(archive_writer_finish(w, &failure));
        ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
        ck_assert_msg(archive_visit(fd, &limits, note, &seen, &failure) == 0,
                      "%s",
                      failure.message);
        ck_assert_ptr_nonnull(str_after_prefix(
                        seen.data,
                        "config.yaml=iso: {} files/empty= "
                        "files/gr\xc3\xb6\xc3\x9f"
                        "e=1 files/\xff\xfe=2 nnn"));
}

typedef struct Told {
        char path[64];
        size_t size;
        unsigned calls;
        unsigned users;
} Told;

static int told(void *userdata,
                const char *path,
                const char *name,
                const void *value,
                size_t size) {
        Told *told = userdata;

        ck_assert_ptr_nonnull(value);
        told->users += strcmp(name, "user.note") == 0;
        if (strcmp(name, ARCHIVE_CAPABILITY) != 0)
                return 0;
        (void) snprintf(told->path, sizeof(told->path), "%s", path);
        told->size = size;
        told->calls++;
        return 0;
}

TEST(capabilities_are_told)
{
        /* Version 2 of the attribute: cap_net_raw+ep, little endian. */
        static const unsigned char value[20] = { 1, 0, 0, 2, 0, 0x20 };
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int folder_fd = -EBADF, fd = test_file("", 0), ping = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        Failure failure = {};
        Told seen = {};

        ck_assert_int_eq(mkdirat(folder_fd, "bin", 0755), 0);
        write_file(folder_fd, "bin/ping", "x", 0755);
        write_file(folder_fd, "bin/sh", "x", 0755);
        ping = openat(folder_fd, "bin/ping", O_RDONLY | O_CLOEXEC);
        /* Where the folder's file system has none, and whoever may not set it (no CAP_SETFCAP), tests the rest. */
        if (fsetxattr(ping, "user.note", "n", 1, 0) < 0)
                seen.users = 1;
        if (fsetxattr(ping, "security.capability", value, sizeof(value), 0) < 0)
                return;
        assert_ok(archive_writer_new(ARCHIVE_CPIO, fd, &w));
        assert_ok(archive_add_tree(w, folder_fd, told, &seen, &failure));
        assert_ok(archive_writer_finish(w, &failure));
        ck_assert_uint_eq(seen.calls, 1);
        ck_assert_uint_eq(seen.users, 1);
        ck_assert_str_eq(seen.path, "bin/ping");
        ck_assert_uint_eq(seen.size, sizeof(value));
}

/* Every entry but the fifo. */
static int label(
                void *userdata _unused_,
                const char *path,
                mode_t mode,
                char **ret_label,
                Failure *reterr _unused_) {
        if (S_ISFIFO(mode))
                return 0;
        *ret_label = str_printf("of:%s", path);
        return 1;
}

static size_t count(const char *data, size_t size, const char *part, size_t part_size) {
        size_t n = 0;

        for (const char *at = data; (at = memmem(at, size - (size_t) (at - data), part, part_size));
             at++)
                n++;
        return n;
}

/* How often the stream says that an entry has this label. */
static size_t count_label(const char *data, size_t size, const char *path) {
        _cleanup_free_ char *record = str_printf("SCHILY.xattr.security.selinux=of:%s", path);

        return count(data, size, record, strlen(record) + 1);
}

TEST(labels_go_along)
{
        static const char *const labelled[] = { "a", "a/link", "b", "b/one", "b/su" };
        static const char *const bare[] = { "", ".", "b/two", "z", "fifo", "socket" };
        static const ArchiveLabeller labeller = { .attribute = "security.selinux", .label = label };
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int folder_fd = -EBADF, fd = test_file("", 0), one = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        _cleanup_free_ char *data = NULL;
        Failure failure = {};
        size_t size;
        bool has_note;

        make_tree(folder_fd);
        one = openat(folder_fd, "b/one", O_RDONLY | O_CLOEXEC);
        has_note = fsetxattr(one, "user.note", "n", 1, 0) == 0;
        assert_ok(archive_writer_new(ARCHIVE_TAR, fd, &w));
        assert_ok(archive_add_labelled_tree(w, folder_fd, &labeller, &failure));
        assert_ok(archive_writer_finish(w, &failure));
        assert_ok(fd_pread_all(fd, 1U << 20, &data, &size));
        for (size_t i = 0; i < ELEMENTSOF(labelled); i++)
                ck_assert_uint_eq(count_label(data, size, labelled[i]), 1);
        for (size_t i = 0; i < ELEMENTSOF(bare); i++)
                ck_assert_uint_eq(count_label(data, size, bare[i]), 0);
        ck_assert_uint_eq(count(data, size, "SCHILY.xattr.user.note=n", 24), has_note ? 1 : 0);
        ck_assert_uint_eq(count(data, size, "LIBARCHIVE.xattr", 16), 0);
}

/* ---- failures ---- */

TEST(full_disk_surfaces)
{
        static const ArchiveFormat formats[] = { ARCHIVE_TAR, ARCHIVE_TAR_GZIP, ARCHIVE_CPIO };

        for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
                _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
                _cleanup_close_ int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
                Failure failure = {};

                /* So little that it is held back until the end. */
                assert_ok(archive_writer_new(formats[i], fd, &w));
                assert_ok(archive_add_bytes(w, "a", 0644, 0, "x", 1));
                assert_errno(archive_writer_finish(w, &failure), -ENOSPC);
                assert_failure(&failure, "could not be written");
        }
}

TEST(file_size_limit_surfaces)
{
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int folder_fd = -EBADF, fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        _cleanup_free_ char *data = calloc(1, 1U << 20);
        struct rlimit limit = { .rlim_cur = 300000, .rlim_max = 300000 };
        Failure failure = {};
        int r = 0;

        (void) signal(SIGXFSZ, SIG_IGN);
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        fd = openat(folder_fd, "out", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_ok(archive_writer_new(ARCHIVE_CPIO, fd, &w));
        r = archive_add_bytes(w, "a", 0644, 0, data, 1U << 20);
        ck_assert_int_lt(r, 0);
        /* The first failure stays: what follows cannot heal it. */
        assert_errno(archive_add_bytes(w, "b", 0644, 0, "", 0), r);
        assert_errno(archive_writer_finish(w, &failure), r);
}

TEST(cpio_refuses_four_gigabytes)
{
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int folder_fd = -EBADF, fd = test_file("", 0), big = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        Failure failure = {};

        big = openat(folder_fd, "big", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_eq(ftruncate(big, (off_t) 1 << 32), 0);
        assert_ok(archive_writer_new(ARCHIVE_CPIO, fd, &w));
        assert_errno(archive_add_tree(w, folder_fd, NULL, NULL, &failure), -EFBIG);
        ck_assert_str_eq(
                        failure.message,
                        "'big' has 4294967296 bytes, and an initrd (newc cpio) holds no file of "
                        "4 GiB or more; remove it from the image or leave it out.");
}

typedef struct Short {
        const char *what;
        int (*write)(int folder_fd, int fd, Failure *failure);
        int result;
        const char *says;
} Short;

static int write_to(int folder_fd, int fd, Failure *failure) {
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        int r;

        assert_ok(archive_writer_new(ARCHIVE_CPIO, fd, &w));
        r = archive_add_tree(w, folder_fd, NULL, NULL, failure);
        return r < 0 ? r : archive_writer_finish(w, failure);
}

static int with_a_big_file(int folder_fd, int fd, Failure *failure) {
        _cleanup_close_ int big = openat(folder_fd, "m", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        ck_assert_int_eq(ftruncate(big, ((off_t) 1 << 32) + 1), 0);
        return write_to(folder_fd, fd, failure);
}

static int with_an_unreadable_file(int folder_fd, int fd, Failure *failure) {
        write_file(folder_fd, "m", "m", 0);
        /* Root may read everything. */
        if (geteuid() == 0) {
                ck_assert_int_eq(fchown(folder_fd, 65534, 65534), 0);
                ck_assert_int_eq(seteuid(65534), 0);
        }
        return write_to(folder_fd, fd, failure);
}

static int with_a_full_disk(int folder_fd, int fd _unused_, Failure *failure) {
        _cleanup_close_ int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

        return write_to(folder_fd, full, failure);
}

static int with_a_folder_that_cannot_be_listed(int folder_fd, int fd, Failure *failure) {
        ck_assert_int_eq(mkdirat(folder_fd, "m", 0), 0);
        if (geteuid() == 0) {
                ck_assert_int_eq(fchown(folder_fd, 65534, 65534), 0);
                ck_assert_int_eq(seteuid(65534), 0);
        }
        return write_to(folder_fd, fd, failure);
}

static const Short shorts[] = {
        { "a file of more than 4 GiB", with_a_big_file, -EFBIG, "'m' has 4294967297 bytes" },
        { "a file that cannot be read", with_an_unreadable_file, -EACCES, "Cannot open 'm'" },
        { "a folder that cannot be listed", with_a_folder_that_cannot_be_listed, -EACCES, "m" },
        { "a full disk", with_a_full_disk, -ENOSPC, "could not be written" },
};

/* Whatever is in the middle of a tree and cannot be written is an error that names it, never an archive
 * that ends early or goes on without it. */
TEST_ROWS(defect_1_no_initrd_is_silently_short, ELEMENTSOF(shorts)) {
        _cleanup_close_ int folder_fd = -EBADF, fd = test_file("", 0);
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        Failure failure = {};
        int r;

        write_file(folder_fd, "a", "before", 0644);
        write_file(folder_fd, "z", "after", 0644);
        ck_assert_int_eq(fchmod(folder_fd, 0755), 0);
        r = shorts[_i].write(folder_fd, fd, &failure);
        (void) seteuid(0);
        ck_assert_msg(r == shorts[_i].result, "%s: %d", shorts[_i].what, r);
        assert_failure(&failure, shorts[_i].says);
}

TEST(file_must_be_regular)
{
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int fd = test_file("", 0), null = open("/dev/null", O_RDONLY | O_CLOEXEC);

        assert_ok(archive_writer_new(ARCHIVE_TAR, fd, &w));
        assert_errno(archive_add_file(w, "a", 0644, 0, null), -EINVAL);
}

TEST(deep_trees_end)
{
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int folder_fd = -EBADF, fd = test_file("", 0), at = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        Failure failure = {};

        at = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (int i = 0; i < 300; i++) {
                int next;

                ck_assert_int_eq(mkdirat(at, "d", 0755), 0);
                next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                ck_assert_int_ge(next, 0);
                (void) close(at);
                at = next;
        }
        assert_ok(archive_writer_new(ARCHIVE_TAR, fd, &w));
        assert_errno(archive_add_tree(w, folder_fd, NULL, NULL, &failure), -ELOOP);
        assert_failure(&failure, "nested deeper than 256");
        for (int i = 0; i < 300; i++) {
                int up = openat(at, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

                (void) unlinkat(up, "d", AT_REMOVEDIR);
                (void) close(at);
                at = up;
        }
}
