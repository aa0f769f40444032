/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What fetching by a protocol takes, in made-up roots: what is missing for each, and in which packages it is. */

#include "tests/lib/test.h"

#include <errno.h>
#include <fcntl.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/live-url.h"

#define NFS_PROGRAMS \
        "usr/sbin/mount.nfs usr/sbin/mount.nfs4 usr/sbin/rpc.statd usr/sbin/rpcbind usr/bin/umount usr/bin/sed usr/bin/chmod usr/bin/chown"
#define NFS_MODULE  "usr/lib/dracut/modules.d/95nfs/module-setup.sh"
#define DEBIAN_CURL "usr/lib/x86_64-linux-gnu/libcurl.so.4"
#define OTHER_WAY   ", or give the ISO a URL of another protocol."

static const struct {
        const char *name;
        const char *url;
        Family family;
        const char *files;   /* paths below the root */
        const char *message; /* NULL: nothing is missing */
} rows[] = {
        { "http", "http://h/a.iso", FAMILY_DEBIAN, "", NULL },
        { "ftp", "ftp://h/a.iso", FAMILY_DEBIAN, "", NULL },
        { "no URL", NULL, FAMILY_DEBIAN, "", NULL },
        { "https of Debian",
          "https://h/a.iso",
          FAMILY_DEBIAN,
          "etc/ssl/certs/ca-certificates.crt",
          NULL },
        { "https of Fedora",
          "https://h/a.iso",
          FAMILY_FEDORA,
          "etc/pki/tls/certs/ca-bundle.crt",
          NULL },
        { "https of Azure Linux",
          "https://h/a.iso",
          FAMILY_AZURELINUX,
          "etc/pki/tls/certs/ca-bundle.trust.crt",
          NULL },
        { "https without authorities",
          "https://h/a.iso",
          FAMILY_DEBIAN,
          "",
          "An initrd of this image cannot fetch the ISO by https, these are missing: the file "
          "'etc/ssl/certs/ca-certificates.crt'. Install in the image what has them: "
          "ca-certificates" OTHER_WAY },
        { "tftp", "tftp://h/a.iso", FAMILY_DEBIAN, DEBIAN_CURL "=http,ftp,tftp", NULL },
        { "tftp with no library", "tftp://h/a.iso", FAMILY_UNKNOWN, "", NULL },
        { "tftp without curl's",
          "tftp://h/a.iso",
          FAMILY_FEDORA,
          "usr/lib64/libcurl.so.4=http,ftp,tftps",
          "An initrd of this image cannot fetch the ISO by tftp, these are missing: the protocol of "
          "curl 'tftp'. Install in the image what has them: libcurl" OTHER_WAY },
        { "tftp without curl's, Debian",
          "tftp://h/a.iso",
          FAMILY_DEBIAN,
          DEBIAN_CURL "=http,ftp",
          "An initrd of this image cannot fetch the ISO by tftp, these are missing: the protocol of "
          "curl 'tftp'. Install in the image what has them: libcurl4" OTHER_WAY },
        { "nfs", "nfs://h/live/a.iso", FAMILY_DEBIAN, NFS_MODULE " " NFS_PROGRAMS, NULL },
        { "nfs without its programs",
          "nfs://h/live/a.iso",
          FAMILY_DEBIAN,
          NFS_MODULE " usr/bin/umount usr/bin/sed usr/bin/chmod usr/bin/chown",
          "An initrd of this image cannot fetch the ISO by nfs, these are missing: the program "
          "'mount.nfs', the program 'mount.nfs4', the program 'rpc.statd', the program 'rpcbind'. Install "
          "in the image what has them: nfs-common rpcbind" OTHER_WAY },
        { "nfs without dracut's module",
          "nfs://h/live/a.iso",
          FAMILY_FEDORA,
          NFS_PROGRAMS,
          "An initrd of this image cannot fetch the ISO by nfs, these are missing: the module of dracut "
          "'nfs'. Install in the image what has them: dracut-network" OTHER_WAY },
        { "nfs in an unknown family",
          "nfs://h/live/a.iso",
          FAMILY_UNKNOWN,
          NFS_PROGRAMS,
          "An initrd of this image cannot fetch the ISO by nfs, these are missing: the module of dracut "
          "'nfs'. Install in the image what has them" OTHER_WAY },
};

/* "path", or "path=words": a file that has these words, each with a NUL. */
static void make_file(int fd, char *text) {
        char *words = strchr(text, '=');
        size_t size = words ? strlen(words + 1) + 1 : 1;

        if (words)
                *words++ = '\0';
        for (char *s = words; s && *s; s++)
                *s = *s == ',' ? '\0' : *s;
        assert_ok(fs_write_in_root(fd, text, words ? words : "x", size, 0755));
}

TEST_ROWS(missing, ELEMENTSOF(rows)) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        const OsRelease os = { .id = (char *) "any", .family = rows[_i].family };
        _cleanup_strv_ char **files = strv_split(rows[_i].files, " ");
        Failure failure = {};
        int r;

        STRV_FOREACH(file, files)
                make_file(fd, *file);
        r = live_url_check(fd, &os, rows[_i].url, &failure);
        if (!rows[_i].message) {
                assert_ok(r);
                return;
        }
        assert_errno(r, -ENOPKG);
        ck_assert_str_eq(failure.message, rows[_i].message);
}

TEST(modules)
{
        ck_assert_ptr_null(live_url_module(NULL));
        ck_assert_ptr_null(live_url_module("http://h/nfs://"));
        ck_assert_ptr_null(live_url_module("nfsx://h/a.iso"));
        ck_assert_str_eq(live_url_module("nfs://h/live/a.iso"), "nfs");
}

TEST(what_stays_on_its_server)
{
        static const char *const fetched[] = {
                "http://h/a.iso", "https://h/a.iso", "ftp://h/a.iso",
                "tftp://h/a.iso", "http://h/nfs://", "nfsx://h/a.iso"
        };

        ck_assert(!live_url_is_mounted(NULL));
        for (size_t i = 0; i < ELEMENTSOF(fetched); i++)
                ck_assert_msg(!live_url_is_mounted(fetched[i]), "%s", fetched[i]);
        ck_assert(live_url_is_mounted("nfs://h/live/a.iso"));
}

/* What an initrd needs for NFS is of no use to curl, which does not know it. */
TEST(curl_in_the_live_os)
{
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        const OsRelease os = { .id = (char *) "debian", .family = FAMILY_DEBIAN };
        _cleanup_lacks_ Lacks lacks = { .root_fd = fd, .os = &os };

        assert_ok(live_url_find_curl_lacks("http://h/a", &lacks));
        ck_assert_ptr_null(lacks.things);
        assert_ok(live_url_find_curl_lacks("https://h/a", &lacks));
        ck_assert_uint_eq(strv_length(lacks.things), 1);
        ck_assert_str_eq(lacks.packages[0], "ca-certificates");
}
