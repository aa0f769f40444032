/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Downloads as unit and list: quotes, defaults, and what an image lacks. What the program does with the list is
 * tried by tests/downloads. */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/download-unit.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const ConfigDownload downloads[] = {
        { .url = (char *) "https://u:p@h/a?b=c",
          .sha256 = (char *) DIGEST,
          .destination = (char *) "/srv/a b/c\"\\%n",
          .has_permissions = true,
          .permissions = 0750 },
        { .url = (char *) "tftp://h/d", .sha256 = (char *) DIGEST, .destination = (char *) "/d" },
        { .url = (char *) "http://h/",
          .sha256 = (char *) DIGEST,
          .destination = (char *) "/a%\"\\/e" },
};

TEST(unit)
{
        _cleanup_free_ char *text = download_unit_text(downloads, ELEMENTSOF(downloads));

        ck_assert_str_eq(
                        text,
                        "[Unit]\n"
                        "Description=Fetch the files of a Live OS that booted over the network\n"
                        "Wants=network-online.target\n"
                        "After=network-online.target\n"
                        "RequiresMountsFor=\"/srv/a b\"\n"
                        "RequiresMountsFor=\"/\"\n"
                        "RequiresMountsFor=\"/a%%\\\"\\\\\"\n"
                        "\n"
                        "[Service]\n"
                        "Type=oneshot\n"
                        "RemainAfterExit=yes\n"
                        "ExecStart=/usr/libexec/pxed-downloads /etc/pxed/downloads\n"
                        "\n"
                        "[Install]\n"
                        "WantedBy=multi-user.target\n");
}

TEST(list)
{
        _cleanup_free_ char *text = download_list_text(downloads, 2);

        ck_assert_str_eq(
                        text,
                        "url=https://u:p@h/a?b=c\n"
                        "sha256=" DIGEST "\n"
                        "permissions=0750\n"
                        "destination=/srv/a b/c\"\\%n\n"
                        "url=tftp://h/d\n"
                        "sha256=" DIGEST "\n"
                        "permissions=0644\n"
                        "destination=/d\n");
}

TEST(lacks)
{
        static const char *const there[] = { "sh",    "sha256sum", "mkdir", "mktemp",
                                             "chmod", "mv",        "rm",    "sleep" };
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        const OsRelease os = { .id = (char *) "debian", .family = FAMILY_DEBIAN };
        _cleanup_lacks_ Lacks lacks = { .root_fd = fd, .os = &os };
        _cleanup_free_ char *things = NULL, *packages = NULL;

        for (size_t i = 0; i < ELEMENTSOF(there); i++) {
                _cleanup_free_ char *path = str_printf("usr/bin/%s", there[i]);

                assert_ok(fs_write_in_root(fd, path, "x", 1, 0755));
        }
        assert_ok(download_find_lacks(downloads, ELEMENTSOF(downloads), &lacks));
        things = strv_join(lacks.things, ", ");
        packages = strv_join(lacks.packages, " ");
        ck_assert_str_eq(
                        things,
                        "the program 'curl', the program 'sync', the file "
                        "'usr/lib/systemd/system-generators/systemd-debug-generator', the file "
                        "'etc/ssl/certs/ca-certificates.crt'");
        ck_assert_str_eq(packages, "curl coreutils systemd ca-certificates");
}

/* It is the file of the tree, byte by byte. */
TEST(program)
{
        _cleanup_close_ int fd = open(getenv("PXED_TEST_DATA"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_close_ int file_fd = openat(
                        fd,
                        "../../liveos/pxed-downloads",
                        O_RDONLY | O_CLOEXEC);
        _cleanup_free_ char *text = NULL;
        size_t size;

        ck_assert_int_ge(file_fd, 0);
        assert_ok(fd_read_all(file_fd, 65536, &text, &size));
        ck_assert_str_eq(download_program_text, text);
}
