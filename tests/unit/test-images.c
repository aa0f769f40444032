/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/images.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fs.h"
#include "service/caller-fd.h"
#include "tests/lib/test.h"

TEST(list_and_open)
{
        _cleanup_close_ int a_fd = -EBADF, b_fd = -EBADF, fd = -EBADF;
        _cleanup_folder_ char *a = test_folder_new(&a_fd), *b = test_folder_new(&b_fd);
        char *folders[] = { a, (char *) "/nowhere", b, NULL };
        _cleanup_images_ Images images = {};
        Failure failure = {};
        struct stat st;

        assert_ok(fs_write_in_root(a_fd, "same.img", "1", 1, 0644));
        assert_ok(fs_write_in_root(b_fd, "same.img", "22", 2, 0644));
        assert_ok(fs_write_in_root(b_fd, "one.img", "333", 3, 0644));
        assert_ok(fs_write_in_root(b_fd, ".hidden", "", 0, 0644));
        assert_ok(fs_write_in_root(b_fd, "new\nline", "", 0, 0644));
        assert_ok(fs_write_in_root(b_fd, "\xff", "", 0, 0644));
        ck_assert_int_eq(mkdirat(b_fd, "folder", 0755), 0);
        ck_assert_int_eq(symlinkat("one.img", b_fd, "link"), 0);
        ck_assert_int_eq(mkfifoat(b_fd, "fifo", 0644), 0);

        assert_ok(images_list(folders, &images, NULL));
        ck_assert_uint_eq(images.n_items, 2);
        ck_assert_str_eq(images.items[0].name, "one.img");
        ck_assert_str_eq(images.items[1].name, "same.img");
        ck_assert_uint_eq(images.items[1].size_bytes, 1);

        fd = assert_ok(images_open(folders, "same.img", &failure));
        assert_ok(fstat(fd, &st));
        ck_assert_int_eq(st.st_size, 1);
        ck_assert(images_is_ours(fd));
        assert_ok(fchmod(fd, 0664));
        ck_assert(!images_is_ours(fd));
        if (geteuid() == 0) {
                assert_ok(fchmod(fd, 0644));
                assert_ok(fchown(fd, 1000, 0));
                ck_assert(!images_is_ours(fd));
        }
        assert_errno(images_open(folders, "link", &failure), -ENOMEDIUM);
        assert_errno(images_open(folders, "fifo", &failure), -ENOMEDIUM);
        assert_errno(images_open(folders, "folder", &failure), -ENOMEDIUM);
        assert_errno(images_open(folders, "none", &failure), -ENOMEDIUM);
        assert_errno(images_open(folders, "../one.img", &failure), -EINVAL);
        assert_errno(images_open(folders, "", &failure), -EINVAL);
        assert_errno(images_open(folders, ".hidden", &failure), -EINVAL);
}

static void put(int fd, const char *name) {
        assert_ok(fs_write_in_root(fd, name, name, strlen(name), 0600));
}

static bool is_there(int fd, const char *name) {
        return faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) >= 0;
}

TEST(import)
{
        _cleanup_close_ int a_fd = -EBADF, b_fd = -EBADF, fd = -EBADF;
        _cleanup_folder_ char *a = test_folder_new(&a_fd), *b = test_folder_new(&b_fd);
        char *folders[] = { a, b, NULL }, *missing[] = { (char *) "/nowhere", NULL };
        Failure failure = {};

        put(b_fd, "old.img");
        assert_ok(images_check_import(folders, "new.img", false, &failure));
        assert_errno(images_check_import(folders, "old.img", false, &failure), -EEXIST);
        assert_failure(&failure, "There is an image 'old.img' already");
        assert_ok(images_check_import(folders, "old.img", true, &failure));
        assert_errno(images_check_import(folders, "../x", true, &failure), -EINVAL);
        assert_errno(images_check_import(folders, ".x", true, &failure), -EINVAL);
        assert_errno(images_check_import(folders, "", false, &failure), -EINVAL);
        assert_errno(images_open_folder(missing, &failure), -EIO);
        fd = assert_ok(images_open_folder(folders, NULL));

        put(a_fd, ".pxed-import-7");
        assert_ok(images_publish(fd, 7, "new.img", false, &failure));
        ck_assert(is_there(a_fd, "new.img") && !is_there(a_fd, ".pxed-import-7"));
        put(a_fd, ".pxed-import-8");
        assert_errno(images_publish(fd, 8, "new.img", false, &failure), -EEXIST);
        ck_assert(is_there(a_fd, ".pxed-import-8"));
        assert_ok(images_publish(fd, 8, "new.img", true, &failure));
        assert_errno(images_publish(fd, 8, "new.img", true, &failure), -EIO);

        put(a_fd, ".pxed-import-9");
        put(a_fd, ".pxed-import-10");
        put(a_fd, ".else");
        assert_ok(images_discard(fd, 9));
        assert_ok(images_discard(fd, 9));
        ck_assert(!is_there(a_fd, ".pxed-import-9") && is_there(a_fd, ".pxed-import-10"));
        assert_ok(images_discard(fd, 0));
        ck_assert(!is_there(a_fd, ".pxed-import-10") && is_there(a_fd, ".else"));
        ck_assert(is_there(a_fd, "new.img"));
}

TEST(removal)
{
        _cleanup_close_ int a_fd = -EBADF, fd = -EBADF;
        _cleanup_folder_ char *a = test_folder_new(&a_fd);
        char *folders[] = { a, NULL }, hidden[IMAGES_HIDDEN_NAME_SIZE];
        _cleanup_image_ Image image = {}, copied = {};
        Failure failure = {};

        put(a_fd, "old.img");
        fd = assert_ok(images_find(folders, "old.img", &image, &failure));
        ck_assert_str_eq(image.folder, a);
        ck_assert_uint_eq(image.size_bytes, strlen("old.img"));
        ck_assert_uint_gt(image.modified_nsec, UINT64_C(1000000000) * 1000000000);
        assert_errno(images_find(folders, "none.img", &image, &failure), -ENOMEDIUM);

        assert_ok(images_hide(a_fd, &image, hidden, &failure));
        ck_assert(is_there(a_fd, hidden) && !is_there(a_fd, "old.img"));
        put(a_fd, "old.img");
        assert_errno(images_hide(a_fd, &image, hidden, &failure), -ENOMEDIUM);
        assert_failure(&failure, "There is no image 'old.img'");
        ck_assert(is_there(a_fd, "old.img"));
        assert_ok(images_discard(a_fd, 0));
        ck_assert(!is_there(a_fd, hidden));

        put(a_fd, ".pxed-import-7");
        assert_ok(images_look_at_import(a_fd, 7, a, "new.img", &copied, &failure));
        ck_assert_str_eq(copied.name, "new.img");
        assert_errno(images_look_at_import(a_fd, 8, a, "new.img", &image, &failure), -EIO);
}

TEST(descriptors_of_callers)
{
        _cleanup_close_ int folder_fd = -EBADF, path_fd = -EBADF, write_fd = -EBADF;
        _cleanup_close_ int good_fd = -EBADF, empty_fd = -EBADF, text_fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        Failure failure = {};

        assert_ok(fs_write_in_root(folder_fd, "f", "123", 3, 0644));
        assert_ok(fs_write_in_root(folder_fd, "empty", "", 0, 0644));
        good_fd = openat(folder_fd, "f", O_RDONLY | O_CLOEXEC);
        path_fd = openat(folder_fd, "f", O_PATH | O_CLOEXEC);
        write_fd = openat(folder_fd, "f", O_WRONLY | O_CLOEXEC);
        empty_fd = openat(folder_fd, "empty", O_RDONLY | O_CLOEXEC);
        assert_ok(caller_fd_check(good_fd, "It", 3, &failure));
        assert_errno(caller_fd_check(good_fd, "It", 2, &failure), -ENOBUFS);
        assert_failure(&failure, "It has 3 bytes");
        assert_errno(caller_fd_check(path_fd, "It", 3, &failure), -EINVAL);
        assert_errno(caller_fd_check(write_fd, "It", 3, &failure), -EINVAL);
        assert_errno(caller_fd_check(empty_fd, "It", 3, &failure), -ENOEXEC);
        assert_errno(caller_fd_check(folder_fd, "It", 3, &failure), -EINVAL);
        assert_errno(caller_fd_check(-1, "It", 3, &failure), -EINVAL);
        text_fd = assert_ok(caller_fd_from_text("text", 4, NULL));
        assert_ok(caller_fd_check(text_fd, "It", 4, &failure));
        ck_assert_int_lt((int) write(text_fd, "x", 1), 0);
}
