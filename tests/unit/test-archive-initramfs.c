/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One file out of an initramfs: where it may lie, and what is no initramfs. */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "common/archive.h"
#include "common/fd.h"

#define PATH "lib/dracut/modules.txt"

static const struct {
        const char *what;
        const char *names[3]; /* of files, each with its name as its content */
        const char *in_front; /* a file of a first archive; NULL: there is none */
        const char *found;    /* NULL: nothing */
} rows[] = {
        { "plain", { "init", PATH }, NULL, PATH },
        { "below a merged usr", { "usr/" PATH, "init" }, NULL, "usr/" PATH },
        { "behind microcode", { "init", PATH }, "kernel/x86/microcode.bin", PATH },
        { "in front", { "init" }, PATH, PATH },
        { "none", { "init", PATH "x", "x/" PATH }, "kernel/a", NULL },
        { "the first one", { PATH, "usr/" PATH }, NULL, PATH },
};

static void write_archive(int fd, const char *const *names, size_t n) {
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;

        assert_ok(archive_writer_new(ARCHIVE_CPIO, fd, &w));
        for (size_t i = 0; i < n && names[i]; i++)
                assert_ok(archive_add_bytes(w, names[i], 0644, 0, names[i], strlen(names[i])));
        assert_ok(archive_writer_finish(w, NULL));
}

static int find(int fd, const ArchiveLimits *limits, char **ret, Failure *failure) {
        static const ArchiveLimits generous = { .max_bytes = 100000, .max_entries = 100 };
        struct stat st;

        ck_assert_int_eq(fstat(fd, &st), 0);
        return archive_find_in_initramfs(
                        &(ArchivePlace){ .fd = fd, .size_bytes = (uint64_t) st.st_size },
                        limits ?: &generous,
                        PATH,
                        ret,
                        failure);
}

TEST_ROWS(finds, ELEMENTSOF(rows)) {
        _cleanup_close_ int fd = test_file("", 0);
        _cleanup_free_ char *text = NULL;
        int r;

        if (rows[_i].in_front)
                write_archive(fd, &rows[_i].in_front, 1);
        write_archive(fd, rows[_i].names, ELEMENTSOF(rows[_i].names));
        r = find(fd, NULL, &text, NULL);
        ck_assert_msg(r == (rows[_i].found ? 0 : -ENOENT), "%s: %d", rows[_i].what, r);
        ck_assert_pstr_eq(text, rows[_i].found);
}

TEST(has_limits)
{
        static const ArchiveLimits few = { .max_bytes = 100000, .max_entries = 1 },
                                   small = { .max_bytes = 10, .max_entries = 100 };
        static char large[ARCHIVE_FOUND_MAX_BYTES + 1];
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int fd = test_file("", 0), large_fd = test_file("", 0);
        _cleanup_free_ char *text = NULL;
        Failure failure = {};

        write_archive(fd, (const char *const[]){ "init", PATH }, 2);
        assert_errno(find(fd, &few, &text, &failure), -EFBIG);
        assert_failure(&failure, "The initramfs cannot be read");
        assert_errno(find(fd, &small, &text, NULL), -EFBIG);
        assert_ok(archive_writer_new(ARCHIVE_CPIO, large_fd, &w));
        assert_ok(archive_add_bytes(w, PATH, 0644, 0, large, sizeof(large)));
        assert_ok(archive_writer_finish(w, NULL));
        assert_errno(find(large_fd, NULL, &text, NULL), -EFBIG);
        ck_assert_ptr_null(text);
}

TEST(damaged)
{
        _cleanup_close_ int fd = test_file("no archive at all", 17);
        _cleanup_free_ char *text = NULL;
        Failure failure = {};

        assert_errno(find(fd, NULL, &text, &failure), -EBADMSG);
        ck_assert_ptr_null(text);
}
