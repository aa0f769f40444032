/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* os-release: values, families, and the two places where the file may be. */

#include "tests/lib/test.h"

#include <fcntl.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/os-release.h"

static const struct {
        const char *text;
        const char *id, *version_id, *pretty_name;
        Family family;
} rows[] = {
        { "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n",
          "debian",
          "12",
          "Debian GNU/Linux 12 (bookworm)",
          FAMILY_DEBIAN },
        { "ID=azurelinux\nVERSION_ID=\"3.0\"\n", "azurelinux", "3.0", "Linux", FAMILY_AZURELINUX },
        { "ID=mariner\n", "mariner", NULL, "Linux", FAMILY_AZURELINUX },
        { "ID=fedora", "fedora", NULL, "Linux", FAMILY_FEDORA },
        { "ID=pop\nID_LIKE=\"ubuntu debian\"\n", "pop", NULL, "Linux", FAMILY_DEBIAN },
        { "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "rocky", NULL, "Linux", FAMILY_FEDORA },
        { "ID='arch'\n", "arch", NULL, "Linux", FAMILY_UNKNOWN },
        { "", "linux", NULL, "Linux", FAMILY_UNKNOWN },
        { "# ID=debian\n  ID=fedora  \r\nnonsense\n", "fedora", NULL, "Linux", FAMILY_FEDORA },
        { "ID=debian\nID=fedora\nID_LIKE=a\nID_LIKE=b\n", "fedora", NULL, "Linux", FAMILY_FEDORA },
        { "ID=\nPRETTY_NAME=\"\"\n", "linux", NULL, "Linux", FAMILY_UNKNOWN },
        { "PRETTY_NAME=\"a \\\"b\\\" \\$c\"\n", "linux", NULL, "a \"b\" $c", FAMILY_UNKNOWN },
        { "PRETTY_NAME='a \\b'\n", "linux", NULL, "a \\b", FAMILY_UNKNOWN },
        { "PRETTY_NAME=\"\x1b[31m\xff\"\n", "linux", NULL, " [31m?", FAMILY_UNKNOWN },
        { "XID=debian\nIDX=debian\n", "linux", NULL, "Linux", FAMILY_UNKNOWN },
};

TEST_ROWS(text, ELEMENTSOF(rows)) {
        _cleanup_os_release_ OsRelease os = {};

        assert_ok(os_release_parse(rows[_i].text, &os));
        ck_assert_str_eq(os.id, rows[_i].id);
        ck_assert_pstr_eq(os.version_id, rows[_i].version_id);
        ck_assert_str_eq(os.pretty_name, rows[_i].pretty_name);
        ck_assert_int_eq(os.family, rows[_i].family);
}

static void read_is(int root_fd, const char *id) {
        _cleanup_os_release_ OsRelease os = {};

        assert_ok(os_release_read(root_fd, &os, NULL));
        ck_assert_str_eq(os.id, id);
}

TEST(places)
{
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);

        read_is(fd, "linux");
        assert_ok(fs_write_in_root(fd, "usr/lib/os-release", "ID=debian\n", 10, 0644));
        read_is(fd, "debian");
        assert_ok(fs_mkdir_in_root(fd, "etc", 0755));
        assert_ok(symlinkat("/usr/lib/os-release", fd, "etc/os-release"));
        read_is(fd, "debian");
        assert_ok(unlinkat(fd, "etc/os-release", 0));
        assert_ok(fs_write_in_root(fd, "etc/os-release", "ID=fedora\n", 10, 0644));
        read_is(fd, "fedora");
}

TEST(no_file)
{
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        OsRelease os = {};
        Failure failure = {};

        assert_ok(fs_mkdir_in_root(fd, "etc/os-release", 0755));
        ck_assert_int_lt(os_release_read(fd, &os, &failure), 0);
        assert_failure(&failure, "The image's file '/etc/os-release' cannot be read");
}
