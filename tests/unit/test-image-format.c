/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What images are taken for, by a small file of each kind in the fuzzer's corpus, and with which words
 * those are refused that would lead elsewhere. */

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/strings.h"
#include "liveos/image-format.h"
#include "tests/lib/test.h"

#define MAX (UINT64_C(1) << 32)

static const struct {
        const char *name; /* in the corpus: a byte that is 0, then the file */
        int r;
        ImageKind kind;
        uint64_t disk_bytes;
        const char *words;
} rows[] = {
        { "qcow2", 0, IMAGE_QCOW2, 32768, NULL },
        { "qcow2-old", 0, IMAGE_QCOW2, 32768, NULL },
        { "qcow2-compressed", 0, IMAGE_QCOW2, 32768, NULL },
        { "qcow2-zero-cluster", 0, IMAGE_QCOW2, 32768, NULL },
        { "qcow2-subclusters", 0, IMAGE_QCOW2, 16384, NULL },
        { "vhd", 0, IMAGE_VHD, 1048576, NULL },
        { "vhd-fixed", 0, IMAGE_VHD_FIXED, 1024, NULL },
        { "empty", 0, IMAGE_RAW, 0, NULL },
        { "qcow2-backing", -EOPNOTSUPP, 0, 0, "stands on another file (a backing file)" },
        { "qcow2-data-file", -EOPNOTSUPP, 0, 0, "keeps its data in another file" },
        { "qcow2-corrupt", -EOPNOTSUPP, 0, 0, "is marked as damaged" },
        { "qcow2-unknown", -EOPNOTSUPP, 0, 0, "features that pxed does not know" },
        { "qcow2-encrypted", -EOPNOTSUPP, 0, 0, "an encrypted qcow2 image" },
        { "qcow2-snapshots", -EOPNOTSUPP, 0, 0, "with 3 snapshots in it" },
        { "qcow-1", -EOPNOTSUPP, 0, 0, "a qcow image of version 1" },
        { "qcow2-cluster-bits", -ENOEXEC, 0, 0, "clusters have an impossible size" },
        { "qcow2-huge",
          -EFBIG,
          0,
          0,
          "a disk of 4611686018427387904 bytes, but this service takes 4294967296" },
        { "qcow2-l1-short", -ENOEXEC, 0, 0, "table is too short" },
        { "qcow2-l1-outside", -ENOEXEC, 0, 0, "tables lie outside" },
        { "qcow2-outside", -ENOEXEC, 0, 0, "a part of its disk lies outside" },
        { "qcow2-compressed-long", -ENOEXEC, 0, 0, "a part of its disk lies outside" },
        { "qcow2-cut", -ENOEXEC, 0, 0, "its header is not whole" },
        { "vhd-cut", -ENOEXEC, 0, 0, "its end is missing" },
        { "vhd-differencing", -EOPNOTSUPP, 0, 0, "a differencing VHD" },
        { "vhd-block", -ENOEXEC, 0, 0, "blocks have an impossible size" },
        { "vhd-entries", -ENOEXEC, 0, 0, "table is too short" },
        { "vhd-table", -ENOEXEC, 0, 0, "table lies outside" },
        { "vhd-header-far", -ENOEXEC, 0, 0, "second header is missing" },
        { "vhd-fixed-long", -ENOEXEC, 0, 0, "shorter than its disk" },
        { "vhdx-alone", -ENOEXEC, 0, 0, "it has no header" },
        { "vmdk", -EOPNOTSUPP, 0, 0, "The image is a VMDK disk image" },
        { "vmdk-text", -EOPNOTSUPP, 0, 0, "The image is a VMDK disk image" },
        { "gzip", -EOPNOTSUPP, 0, 0, "compressed (gzip)" },
        { "luks", -EOPNOTSUPP, 0, 0, "encrypted as a whole (LUKS)" },
};

static int open_row(const char *name) {
        _cleanup_free_ char *path = str_printf(
                        "%s/../fuzz/corpus/image-format/%s",
                        getenv("PXED_TEST_DATA"),
                        name);
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        _cleanup_free_ char *data = NULL;
        size_t size;

        assert_ok(fd_read_all(fd, 65536, &data, &size));
        ck_assert_int_eq(data[0], 0);
        return test_file(data + 1, size - 1);
}

static void judge(int r, const ImageFormat *format, const Failure *failure, int i) {
        ck_assert_msg(r == rows[i].r, "%s: %d, %s", rows[i].name, r, failure->message);
        if (r < 0) {
                assert_failure(failure, rows[i].words);
                return;
        }
        ck_assert_int_eq(format->kind, rows[i].kind);
        ck_assert_uint_eq(format->disk_bytes, rows[i].disk_bytes);
}

TEST_ROWS(probe, ELEMENTSOF(rows)) {
        _cleanup_close_ int fd = open_row(rows[_i].name);
        ImageFormat format = {};
        Failure failure = {};

        judge(image_format_probe(fd, MAX, &format, &failure), &format, &failure, _i);
}

/* As a build does it: the same answers come out of the sealed child. */
TEST_ROWS(read_sealed, ELEMENTSOF(rows)) {
        _cleanup_close_ int fd = open_row(rows[_i].name);
        ImageFormat format = {};
        Failure failure = {};

        judge(image_format_read(fd, MAX, -EBADF, &format, &failure), &format, &failure, _i);
}

static void put(int fd, uint64_t offset, const void *data, size_t size) {
        ck_assert_int_eq(pwrite(fd, data, size, (off_t) offset), size);
}

TEST(medium)
{
        _cleanup_close_ int fd = test_file("", 0);
        ImageFormat format = {};
        Failure failure = {};

        assert_ok(ftruncate(fd, 1 << 20));
        assert_ok(image_format_probe(fd, MAX, &format, &failure));
        ck_assert_int_eq(format.kind, IMAGE_RAW);
        ck_assert_uint_eq(format.disk_bytes, 1 << 20);
        put(fd, 0x8000, "\1CD001", 6);
        assert_ok(image_format_probe(fd, MAX, &format, &failure));
        ck_assert_int_eq(format.kind, IMAGE_ISO);
        /* What a guest wrote at the disk's beginning decides, whatever else is in it. */
        put(fd, 0, "QFI\xfb\0\0\0\3", 8);
        assert_errno(image_format_probe(fd, MAX, &format, &failure), -ENOEXEC);
}

TEST(iso_or_not)
{
        _cleanup_close_ int fd = test_file("", 0), folder_fd = open("/", O_RDONLY | O_CLOEXEC);
        int pipe_fds[2];

        ck_assert_int_eq(image_format_is_iso(fd), 0);
        put(fd, 0x8000, "\1CD001", 6);
        ck_assert_int_eq(image_format_is_iso(fd), 1);
        put(fd, 0, "\x1f\x8b\x08", 3); /* an ISO in front counts: gzip has no place for that */
        ck_assert_int_eq(image_format_is_iso(fd), 1);
        put(fd, 0, "QFI\xfb", 4);
        ck_assert_int_eq(image_format_is_iso(fd), 0);
        /* What cannot be told is no "no", and nothing waits for what is no file. */
        ck_assert_int_eq(pipe2(pipe_fds, O_CLOEXEC), 0);
        assert_errno(image_format_is_iso(pipe_fds[0]), -EINVAL);
        assert_errno(image_format_is_iso(folder_fd), -EINVAL);
        assert_errno(image_format_is_iso(-EBADF), -EBADF);
        (void) close(pipe_fds[0]);
        (void) close(pipe_fds[1]);
}

TEST(names)
{
        ck_assert_str_eq(image_kind_to_string(IMAGE_RAW), "raw");
        ck_assert_ptr_null(image_kind_driver(IMAGE_RAW));
        ck_assert_ptr_null(image_kind_driver(IMAGE_VHD_FIXED));
        ck_assert_ptr_nonnull(strstr(image_kind_driver(IMAGE_QCOW2), "\"backing\":null"));
}
