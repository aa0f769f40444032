/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Attributes of files as a text, there and back. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/attribute-list.h"
#include "tests/lib/test.h"

/* Version 2 of the attribute: cap_net_raw+ep, little endian. */
#define RAW      "\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define RAW_SIZE 20U
#define RAW_TEXT "security.capability 0100000200200000000000000000000000000000"

static const struct {
        const char *path;
        const char *text;
} paths[] = {
        { "usr/bin/ping", "usr/bin/ping" },
        { "a b%c", "a%20b%25c" },
        { "new\nline", "new%0aline" },
        { "gr\xc3\xb6\xc3\x9f", "gr%c3%b6%c3%9f" },
        { "\x7f", "%7f" },
};

TEST_ROWS(paths, ELEMENTSOF(paths)) {
        _cleanup_free_ char *expected = str_printf(RAW_TEXT " %s\n", paths[_i].text);
        _cleanup_close_ int folder_fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        _cleanup_buffer_ Buffer list = {};
        _cleanup_close_ int fd = -EBADF;
        char value[64];

        assert_ok(attribute_list_append(
                        &list,
                        paths[_i].path,
                        "security.capability",
                        RAW,
                        RAW_SIZE));
        ck_assert_str_eq(list.data, expected);
        assert_ok(fs_write_in_root(folder_fd, paths[_i].path, "", 0, 0755));
        fd = openat(folder_fd, paths[_i].path, O_RDONLY | O_CLOEXEC);
        /* Whoever may not set it (no CAP_SETFCAP) has tested the writing. */
        if (fsetxattr(fd, "security.capability", RAW, RAW_SIZE, 0) < 0)
                return;
        ck_assert_int_eq(fremovexattr(fd, "security.capability"), 0);
        assert_ok(attribute_list_apply(list.data, folder_fd, NULL));
        ck_assert_int_eq(
                        fgetxattr(fd, "security.capability", value, sizeof(value)),
                        (int) RAW_SIZE);
        ck_assert_int_eq(memcmp(value, RAW, RAW_SIZE), 0);
}

#define CAP "security.capability "

static const char *const damaged[] = {
        "x",
        CAP "01",
        CAP "01 ",
        CAP "01 \n",
        CAP "0 a\n",
        CAP "01 a",
        CAP "01 a%\n",
        CAP "01 a%2\n",
        CAP "01 a%00b\n",
        CAP "01 a%2G\n",
        CAP "0g a\n",
        CAP "01  a\nx",
        "01 a\n",
        " 01 a\n",
        "user.x\n01 a\n",
        "security.selinux 01 a\n",
        "trusted.x 01 a\n",
        "system.posix_acl_access 01 a\n",
        "user%.x 01 a\n",
};

TEST_ROWS(damaged, ELEMENTSOF(damaged)) {
        _cleanup_close_ int folder_fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        Failure failure = {};

        assert_errno(attribute_list_apply(damaged[_i], folder_fd, &failure), -EBADMSG);
        assert_failure(&failure, "damaged list of attributes");
}

TEST(what_users_gave_comes_back)
{
        _cleanup_close_ int folder_fd = -EBADF, fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        _cleanup_buffer_ Buffer list = {};
        char value[64];

        assert_ok(attribute_list_append(&list, "a", "user.a b", "\0\xff", 2));
        assert_ok(attribute_list_append(&list, "a", "user.empty", "", 0));
        ck_assert_str_eq(list.data, "user.a%20b 00ff a\nuser.empty  a\n");
        assert_ok(fs_write_in_root(folder_fd, "a", "", 0, 0644));
        assert_ok(attribute_list_apply(list.data, folder_fd, NULL));
        fd = openat(folder_fd, "a", O_RDONLY | O_CLOEXEC);
        /* A file system that keeps none has lost nothing else. */
        if (fsetxattr(fd, "user.try", "", 0, 0) < 0)
                return;
        ck_assert_int_eq(fgetxattr(fd, "user.a b", value, sizeof(value)), 2);
        ck_assert_int_eq(memcmp(value, "\0\xff", 2), 0);
        ck_assert_int_eq(fgetxattr(fd, "user.empty", value, sizeof(value)), 0);
}

/* What is no file below the root is not touched, and no reason to fail. */
TEST(only_files_below_the_root)
{
        static const char *const names[] = { "gone",        "folder",      "link",
                                             "../outside",  "/etc/passwd", "folder/../../outside",
                                             "out/outside", "fifo" };
        _cleanup_close_ int top_fd = -EBADF, root_fd = -EBADF, fd = -EBADF;
        _cleanup_folder_ char *top = test_folder_new(&top_fd);
        _cleanup_buffer_ Buffer list = {};
        char value[64];

        assert_ok(fs_write_in_root(top_fd, "outside", "", 0, 0755));
        assert_ok(fs_mkdir_in_root(top_fd, "root/folder", 0755));
        root_fd = openat(top_fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(symlinkat("../outside", root_fd, "link"), 0);
        ck_assert_int_eq(symlinkat("..", root_fd, "out"), 0);
        ck_assert_int_eq(mkfifoat(root_fd, "fifo", 0600), 0);
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                assert_ok(attribute_list_append(
                                &list,
                                names[i],
                                "security.capability",
                                RAW,
                                RAW_SIZE));
        assert_ok(attribute_list_apply(list.data, root_fd, NULL));
        fd = openat(top_fd, "outside", O_RDONLY | O_CLOEXEC);
        ck_assert_int_lt(fgetxattr(fd, "security.capability", value, sizeof(value)), 0);
        ck_assert_int_eq(errno, ENODATA);
}
