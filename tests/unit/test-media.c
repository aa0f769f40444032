/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folders of a medium that loaders spell in their own way. */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/media.h"

static void expect_link(int fd, const char *path, const char *target) {
        char found[PATH_MAX] = "";

        ck_assert_int_gt(readlinkat(fd, path, found, sizeof(found) - 1), 0);
        ck_assert_str_eq(found, target);
}

/* What a medium has at the path, from whichever side it is looked at. */
static void expect_text(int fd, const char *path, const char *expected) {
        _cleanup_free_ char *text = NULL;
        size_t size;

        assert_ok(fs_read_in_root(fd, path, 64, &text, &size));
        ck_assert_str_eq(text, expected);
}

/* A medium never has two folders that only differ by case: on a file system without case, such as
 * that of a stick to which the files are copied, they would be one. */
TEST(defect_16_no_folders_that_differ_by_case)
{
        static const char *const paths[] = { "EFI/fedora/grub.cfg", "EFI/BOOT/grub.cfg" };
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);

        assert_ok(fs_write_in_root(fd, "efi/boot/bootx64.efi", "shim", 4, 0644));
        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                /* The second time everything is there already. */
                for (int again = 0; again < 2; again++) {
                        assert_ok(media_match_case(folder, paths[i], NULL));
                        assert_ok(media_write(folder, paths[i], "menu", NULL));
                }
        expect_link(fd, "EFI", "efi");
        expect_link(fd, "efi/BOOT", "boot");
        expect_text(fd, "EFI/BOOT/bootx64.efi", "shim");
        expect_text(fd, "efi/fedora/grub.cfg", "menu");
        expect_text(fd, "efi/boot/grub.cfg", "menu");
}

TEST(other_folders_are_made)
{
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        struct stat st;

        assert_ok(media_match_case(folder, "EFI/fedora/grub.cfg", NULL));
        assert_ok(media_match_case(folder, "grub.cfg", NULL));
        ck_assert_int_eq(fstatat(fd, "EFI/fedora", &st, AT_SYMLINK_NOFOLLOW), 0);
        ck_assert(S_ISDIR(st.st_mode));
        ck_assert_int_lt(fstatat(fd, "grub.cfg", &st, AT_SYMLINK_NOFOLLOW), 0);
}

TEST(file_in_the_way)
{
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        Failure failure = {};

        assert_ok(fs_write_in_root(fd, "EFI", "x", 1, 0644));
        assert_errno(media_match_case(folder, "EFI/fedora/grub.cfg", &failure), -ENOTDIR);
        assert_failure(&failure, "The folder for 'EFI/fedora/grub.cfg' cannot be made");
}
