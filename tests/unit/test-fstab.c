/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fstab: what is read, what is refused, and looking things up. */

#include "tests/lib/test.h"

#include <fcntl.h>

#include "common/buffer.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/fstab.h"

static const struct {
        const char *text;
        const char *result; /* spec|path|type|options of each, a blank between entries */
} rows[] = {
        { "", "" },
        { "# a comment\n\n \t\n", "" },
        { "UUID=1-2 / ext4 defaults 0 1\n", "UUID=1-2|/|ext4|defaults" },
        { "UUID=\"1-2\"\t/\text4", "UUID=1-2|/|ext4|defaults" },
        { "/dev/vda2 /boot", "/dev/vda2|/boot|auto|defaults" },
        { "  LABEL=x /boot//efi/ vfat umask=0077\r\n", "LABEL=x|/boot/efi|vfat|umask=0077" },
        { "PARTUUID=a /./a/./b xfs ro", "PARTUUID=a|/a/b|xfs|ro" },
        { "LABEL=my\\040disk /a\\040b ext4 x", "LABEL=my disk|/a b|ext4|x" },
        { "/swapfile none swap sw\n/s swap swap sw\n", "/swapfile|none|swap|sw /s|none|swap|sw" },
        { "/swapfile whatever swap sw", "/swapfile|none|swap|sw" },
        { "a / ext4\nb /home btrfs subvol=@home", "a|/|ext4|defaults b|/home|btrfs|subvol=@home" },
};

TEST_ROWS(text, ELEMENTSOF(rows)) {
        _cleanup_fstab_ Fstab fstab = {};
        _cleanup_buffer_ Buffer result = {};
        _cleanup_free_ char *s = NULL;

        assert_ok(fstab_parse(rows[_i].text, &fstab, NULL));
        for (size_t i = 0; i < fstab.n_items; i++) {
                const FstabEntry *entry = &fstab.items[i];

                assert_ok(
                                buffer_printf(&result,
                                              "%s%s|%s|%s|%s",
                                              i > 0 ? " " : "",
                                              entry->spec,
                                              entry->path,
                                              entry->type,
                                              entry->options));
        }
        s = buffer_take(&result);
        ck_assert_str_eq(s, rows[_i].result);
}

static const char *const bad_paths[] = { "a/b", "..", "/..", "/a/../b", "/a/..", "x" };

TEST_ROWS(bad_path, ELEMENTSOF(bad_paths)) {
        _cleanup_free_ char *
                        text = str_printf("\nUUID=1 %s ext4\n", bad_paths[_i]),
                       *message = str_printf(
                                       "/etc/fstab of the image, line 2: '%s' is no mount point: it has to be an absolute path without \"..\".",
                                       bad_paths[_i]);
        Fstab fstab = {};
        Failure failure = {};

        assert_errno(fstab_parse(text, &fstab, &failure), -ENOEXEC);
        ck_assert_str_eq(failure.message, message);
}

TEST(no_path)
{
        Fstab fstab = {};

        assert_errno(fstab_parse("UUID=1\n", &fstab, NULL), -ENOEXEC);
        assert_errno(fstab_parse("UUID=1 /a\\057..\n", &fstab, NULL), -ENOEXEC);
}

TEST(bounds)
{
        _cleanup_buffer_ Buffer text = {};
        _cleanup_fstab_ Fstab fstab = {};
        Fstab none = {};
        Failure failure = {};

        for (unsigned i = 0; i < FSTAB_MAX_ENTRIES; i++)
                assert_ok(buffer_append_string(&text, "a /a\n"));
        assert_ok(fstab_parse(text.data, &fstab, NULL));
        ck_assert_uint_eq(fstab.n_items, FSTAB_MAX_ENTRIES);
        assert_ok(buffer_append_string(&text, "a /a\n"));
        assert_errno(fstab_parse(text.data, &none, &failure), -E2BIG);
        assert_failure(&failure, "more than 128 entries");
}

TEST(find)
{
        _cleanup_fstab_ Fstab fstab = {};

        assert_ok(fstab_parse("a / ext4\nb /boot ext4\nc / xfs\n", &fstab, NULL));
        ck_assert_str_eq(fstab_find(&fstab, "/")->spec, "c");
        ck_assert_str_eq(fstab_find(&fstab, "/boot")->spec, "b");
        ck_assert_ptr_null(fstab_find(&fstab, "/home"));
}

static const struct {
        const char *options, *value;
} option_rows[] = {
        { "subvol=@", "@" },    { "rw,subvol=a,subvol=@/b,x", "@/b" },
        { "subvolid=5", NULL }, { "rw,subvol", "" },
        { "defaults", NULL },
};

TEST_ROWS(option, ELEMENTSOF(option_rows)) {
        FstabEntry entry = { .options = (char *) option_rows[_i].options };
        _cleanup_free_ char *value = NULL;

        assert_ok(fstab_entry_option(&entry, "subvol", &value));
        ck_assert_pstr_eq(value, option_rows[_i].value);
}

TEST(file)
{
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        _cleanup_fstab_ Fstab fstab = {}, empty = {};

        assert_ok(fstab_read(fd, &empty, NULL));
        ck_assert_uint_eq(empty.n_items, 0);
        assert_ok(fs_write_in_root(fd, "etc/fstab", "a / ext4\n", 9, 0644));
        assert_ok(fstab_read(fd, &fstab, NULL));
        ck_assert_uint_eq(fstab.n_items, 1);
}
