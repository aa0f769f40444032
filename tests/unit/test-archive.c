/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Archives as they are read. The streams are built here by hand, byte by byte, so that they can be
 * as wrong as a stranger's.
 */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>

#include "common/archive.h"
#include "common/buffer.h"
#include "common/fd.h"
#include "common/strings.h"

#define BLOCK 512U

/* ---- building tar streams ---- */

static void put_block(Buffer *tar, const void *data, size_t size) {
        char block[BLOCK] = {};

        ck_assert_uint_le(size, BLOCK);
        memcpy(block, data, size);
        assert_ok(buffer_append(tar, block, BLOCK));
}

static void put_header(
                Buffer *tar,
                const char *name,
                char type,
                const char *size,
                const char *link) {
        char block[BLOCK] = {};
        unsigned sum = 0;

        memcpy(block, name, strnlen(name, 100));
        memcpy(block + 100, "0000640", 8);
        memcpy(block + 108, "0001750", 8);
        memcpy(block + 116, "0001750", 8);
        memcpy(block + 124, size, 12);
        memcpy(block + 136, "00000000000", 12);
        memcpy(block + 148, "        ", 8);
        block[156] = type;
        memcpy(block + 157, link, strnlen(link, 100));
        memcpy(block + 257, "ustar\00000", 8);
        for (size_t i = 0; i < BLOCK; i++)
                sum += (unsigned char) block[i];
        (void) snprintf(block + 148, 8, "%06o", sum);
        assert_ok(buffer_append(tar, block, BLOCK));
}

static void put_entry(Buffer *tar, const char *name, char type, const char *content) {
        char size[32];

        (void) snprintf(size, sizeof(size), "%011zo", strlen(content));
        put_header(tar, name, type, size, "");
        if (*content)
                put_block(tar, content, strlen(content));
}

static void put_end(Buffer *tar) {
        put_block(tar, "", 0);
        put_block(tar, "", 0);
}

/* ---- reading ---- */

typedef struct Seen {
        Buffer text; /* "name=content " for each */
        int answer;
} Seen;

static int see(void *userdata, ArchiveEntry *entry, Failure *reterr _unused_) {
        Seen *seen = userdata;
        _cleanup_free_ char *data = NULL;
        size_t size;
        int r = archive_entry_read(entry, 5000, &data, &size);

        if (r < 0)
                return r;
        ck_assert_uint_eq(size, archive_entry_bytes(entry));
        ck_assert_uint_eq(archive_entry_permissions(entry), 0640);
        assert_ok(buffer_printf(&seen->text, "%s=%s ", archive_entry_name(entry), data));
        return seen->answer;
}

static int visit_tar(const Buffer *tar, const ArchiveLimits *limits, Seen *seen, Failure *failure) {
        static const ArchiveLimits generous = { .max_bytes = 100000, .max_entries = 100 };
        _cleanup_close_ int fd = test_file(tar->data ?: "", tar->size);

        return archive_visit(fd, limits ?: &generous, see, seen, failure);
}

static void build_plain(Buffer *tar) {
        put_entry(tar, "config.yaml", '0', "pxe: {}\n");
        put_entry(tar, "files/", '5', "");
        put_entry(tar, "./files//a", '0', "A");
        put_entry(tar, "files/./b", '\0', "");
        put_end(tar);
}

static void build_empty(Buffer *tar _unused_) {
}

static void build_garbage(Buffer *tar) {
        for (int i = 0; i < 64; i++)
                assert_ok(buffer_append_string(tar, "this is not an archive at all, "));
}

static void build_no_entries(Buffer *tar) {
        put_end(tar);
}

static void build_absolute(Buffer *tar) {
        put_entry(tar, "/etc/passwd", '0', "x");
        put_end(tar);
}

static void build_up(Buffer *tar) {
        put_entry(tar, "../x", '0', "x");
        put_end(tar);
}

static void build_up_inside(Buffer *tar) {
        put_entry(tar, "a/../b", '0', "x");
        put_end(tar);
}

static void build_up_folder(Buffer *tar) {
        put_entry(tar, "a/..", '5', "");
        put_end(tar);
}

static void build_nameless(Buffer *tar) {
        put_entry(tar, "./.", '0', "x");
        put_end(tar);
}

static void build_symlink(Buffer *tar) {
        put_header(tar, "a", '2', "00000000000", "/etc");
        put_entry(tar, "a/passwd", '0', "x");
        put_end(tar);
}

static void build_hard_link(Buffer *tar) {
        put_entry(tar, "a", '0', "x");
        put_header(tar, "b", '1', "00000000000", "a");
        put_end(tar);
}

static void build_device(Buffer *tar) {
        put_header(tar, "a", '3', "00000000000", "");
        put_end(tar);
}

static void build_fifo(Buffer *tar) {
        put_header(tar, "a", '6', "00000000000", "");
        put_end(tar);
}

static void build_twice(Buffer *tar) {
        put_entry(tar, "a/b", '0', "1");
        put_entry(tar, "./a//b", '0', "2");
        put_end(tar);
}

static void build_torn_content(Buffer *tar) {
        put_header(tar, "a", '0', "00000002000", "");
        put_block(tar, "only half", 9);
}

static void build_torn_end(Buffer *tar) {
        put_entry(tar, "a", '0', "x");
}

static void build_torn_end_mark(Buffer *tar) {
        put_entry(tar, "a", '0', "x");
        put_block(tar, "", 0);
}

static void build_bad_sum(Buffer *tar) {
        put_entry(tar, "a", '0', "x");
        put_entry(tar, "b", '0', "y");
        put_end(tar);
        tar->data[2 * BLOCK]++;
}

static void build_huge(Buffer *tar) {
        put_header(tar, "a", '0', "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff", "");
        put_end(tar);
}

static void build_negative(Buffer *tar) {
        put_header(tar, "a", '0', "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", "");
        put_end(tar);
}

static void build_pax_name(Buffer *tar) {
        put_entry(tar,
                  "x",
                  'x',
                  "18 path=gr\xc3\xb6\xc3\x9f"
                  "e/a\n");
        put_entry(tar, "short", '0', "x");
        put_end(tar);
}

static void build_pax_up(Buffer *tar) {
        put_entry(tar, "x", 'x', "16 path=../../a\n");
        put_entry(tar, "innocent", '0', "x");
        put_end(tar);
}

static void build_pax_size(Buffer *tar) {
        put_entry(tar, "x", 'x', "23 size=99999999999999\n");
        put_entry(tar, "a", '0', "x");
        put_end(tar);
}

static void build_pax_binary_name(Buffer *tar) {
        put_entry(tar, "x", 'x', "21 hdrcharset=BINARY\n10 path=\xff\n");
        put_entry(tar, "a", '0', "x");
        put_end(tar);
}

static void build_gnu_long(Buffer *tar) {
        put_entry(tar, "././@LongLink", 'L', "a/long/name");
        put_entry(tar, "a/lo", '0', "x");
        put_end(tar);
}

static void build_gnu_long_up(Buffer *tar) {
        put_entry(tar, "././@LongLink", 'L', "../x");
        put_entry(tar, "x", '0', "x");
        put_end(tar);
}

static void build_only_headers(Buffer *tar) {
        for (int i = 0; i < 5000; i++)
                put_entry(tar, "g", 'g', "11 comment=\n");
        put_end(tar);
}

static const struct {
        const char *name;
        void (*build)(Buffer *tar);
        int expected;
        const char *seen;
        const char *message;
} reading_table[] = {
        { "plain", build_plain, 0, "config.yaml=pxe: {}\n files/a=A files/b= ", "" },
        { "empty", build_empty, -EBADMSG, "", "no sound tar archive" },
        { "garbage", build_garbage, -EBADMSG, "", "no sound tar archive" },
        { "no entries", build_no_entries, 0, "", "" },
        { "absolute", build_absolute, -EBADMSG, "", "'/etc/passwd'; names must be relative" },
        { "up", build_up, -EBADMSG, "", "'../x'; names must be relative" },
        { "up inside", build_up_inside, -EBADMSG, "", "'a/../b'; names must be relative" },
        { "up, a folder", build_up_folder, -EBADMSG, "", "must be relative" },
        { "nameless", build_nameless, -EBADMSG, "", "a file without a name" },
        { "symlink", build_symlink, -EBADMSG, "", "'a' is neither a regular file nor a folder" },
        { "hard link", build_hard_link, -EBADMSG, "a=x ", "'b' is neither" },
        { "device", build_device, -EBADMSG, "", "'a' is neither" },
        { "fifo", build_fifo, -EBADMSG, "", "'a' is neither" },
        { "twice", build_twice, -EBADMSG, "a/b=1 ", "holds 'a/b' twice" },
        { "torn content", build_torn_content, -EBADMSG, "", "'a'" },
        { "torn end", build_torn_end, -EBADMSG, "a=x ", "its end is missing" },
        { "torn end mark", build_torn_end_mark, -EBADMSG, "a=x ", "its end is missing" },
        { "bad sum", build_bad_sum, -EBADMSG, "a=x ", "no sound tar archive" },
        { "huge", build_huge, -EBADMSG, "", "no sound tar archive" },
        { "negative", build_negative, -EBADMSG, "", "archive" },
        { "pax name",
          build_pax_name,
          0,
          "gr\xc3\xb6\xc3\x9f"
          "e/a=x ",
          "" },
        { "pax up", build_pax_up, -EBADMSG, "", "'../../a'; names must be relative" },
        { "pax size", build_pax_size, -EFBIG, "", "more bytes than are allowed" },
        { "pax binary", build_pax_binary_name, 0, "\xff=x ", "" },
        { "gnu long", build_gnu_long, 0, "a/long/name=x ", "" },
        { "gnu long up", build_gnu_long_up, -EBADMSG, "", "'../x'" },
        { "only headers", build_only_headers, -EBADMSG, "", "no sound tar archive" },
};

TEST_ROWS(reading, ELEMENTSOF(reading_table)) {
        _cleanup_buffer_ Buffer tar = {};
        Seen seen = {};
        Failure failure = {};
        int r;

        reading_table[_i].build(&tar);
        r = visit_tar(&tar, NULL, &seen, &failure);
        ck_assert_msg(r == reading_table[_i].expected,
                      "%s: %d (%s) instead of %d",
                      reading_table[_i].name,
                      r,
                      failure.message,
                      reading_table[_i].expected);
        ck_assert_str_eq(seen.text.data ?: "", reading_table[_i].seen);
        assert_failure(&failure, reading_table[_i].message);
        buffer_done(&seen.text);
}

/* A stream that is cut anywhere is an error, whatever was seen before. */
TEST(reading_cut_anywhere)
{
        _cleanup_buffer_ Buffer tar = {};

        put_entry(&tar,
                  "x",
                  'x',
                  "18 path=gr\xc3\xb6\xc3\x9f"
                  "e/a\n");
        put_entry(&tar, "short", '0', "content");
        put_entry(&tar, "b", '0', "content");
        put_end(&tar);
        for (size_t size = 0; size < tar.size; size += 64) {
                Seen seen = {};
                Failure failure = {};
                Buffer cut = { .data = tar.data, .size = size };

                assert_errno(visit_tar(&cut, NULL, &seen, &failure), -EBADMSG);
                ck_assert_str_ne(failure.message, "");
                buffer_done(&seen.text);
        }
}

TEST(reading_limits)
{
        static const struct {
                ArchiveLimits limits;
                int expected;
                const char *message;
        } table[] = {
                { { .max_bytes = 6, .max_entries = 2 }, 0, "" },
                { { .max_bytes = 5, .max_entries = 2 }, -EFBIG, "more bytes" },
                { { .max_bytes = 6, .max_entries = 1 }, -EFBIG, "more entries" },
                { { .max_bytes = 0, .max_entries = 0 }, -EFBIG, "more entries" },
                { { .max_bytes = UINT64_MAX, .max_entries = UINT64_MAX }, 0, "" },
        };
        _cleanup_buffer_ Buffer tar = {};

        put_entry(&tar, "a", '0', "123");
        put_entry(&tar, "b", '0', "456");
        put_end(&tar);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Seen seen = {};
                Failure failure = {};

                assert_errno(visit_tar(&tar, &table[i].limits, &seen, &failure), table[i].expected);
                assert_failure(&failure, table[i].message);
                buffer_done(&seen.text);
        }
}

/* What the visitor says ends the reading; what it does not read is passed over. */
static int refuse(void *userdata, ArchiveEntry *entry, Failure *reterr _unused_) {
        int *calls = userdata;

        ++*calls;
        return str_equal(archive_entry_name(entry), "b") ? -ENOTUNIQ : 0;
}

TEST(reading_visitor_stops)
{
        _cleanup_buffer_ Buffer tar = {};
        _cleanup_close_ int fd = -EBADF;
        ArchiveLimits limits = { .max_bytes = 1000, .max_entries = 10 };
        Failure failure = {};
        int calls = 0;

        put_entry(&tar, "a", '0', "1");
        put_entry(&tar, "b", '0', "2");
        put_entry(&tar, "c", '0', "3");
        put_end(&tar);
        fd = test_file(tar.data, tar.size);
        assert_errno(archive_visit(fd, &limits, refuse, &calls, &failure), -ENOTUNIQ);
        ck_assert_int_eq(calls, 2);
        assert_failure(&failure, "'b'");
}

static int copy_out(void *userdata, ArchiveEntry *entry, Failure *reterr _unused_) {
        assert_errno(archive_entry_read(entry, 2, &(char *){ NULL }, &(size_t){ 0 }), -EFBIG);
        return archive_entry_copy(entry, *(int *) userdata);
}

TEST(reading_copies)
{
        _cleanup_buffer_ Buffer tar = {};
        _cleanup_close_ int fd = -EBADF, to = test_file("", 0), full = -EBADF;
        _cleanup_free_ char *data = NULL;
        ArchiveLimits limits = { .max_bytes = 1000, .max_entries = 10 };
        size_t size;

        put_entry(&tar, "a", '0', "123");
        put_end(&tar);
        fd = test_file(tar.data, tar.size);
        assert_ok(archive_visit(fd, &limits, copy_out, &to, /* reterr= */ NULL));
        assert_ok(fd_pread_all(to, 100, &data, &size));
        ck_assert_str_eq(data, "123");

        full = open("/dev/full", O_WRONLY | O_CLOEXEC);
        ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
        assert_errno(archive_visit(fd, &limits, copy_out, &full, /* reterr= */ NULL), -ENOSPC);
}
