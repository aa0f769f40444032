/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The image's dracut, in made-up roots: which network module is chosen, what is missing, how it is
 * called, what its initrd wants on the kernel command line.
 */

#include "tests/lib/test.h"

#include <fcntl.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/cmdline.h"
#include "liveos/dracut.h"
#include "liveos/live-url.h"

#define LIVE_PROGRAMS "dmsetup blkid losetup blockdev dd find grep"
#define LEGACY        LIVE_PROGRAMS " ip dhclient sed awk pgrep tr expr arping curl"
#define MANAGER       LIVE_PROGRAMS " NetworkManager nm-initrd-generator ip sed awk pgrep tr curl"
#define NETWORKD      LIVE_PROGRAMS " systemd-networkd networkctl ip sed awk pgrep tr curl"
#define FETCH         "90dmsquash-live 90livenet 45url-lib "

typedef struct Root {
        const char *version; /* NULL: no dracut */
        const char *modules; /* folders; "folder/file" makes the file, too */
        const char *programs;
        const char *id;
        Family family;
} Root;

static void make_files(int fd, const char *folder, const char *names, const char *rest) {
        _cleanup_strv_ char **list = strv_split(names, " ");

        STRV_FOREACH(name, list) {
                _cleanup_free_ char *path = str_printf("%s/%s%s", folder, *name, rest);

                assert_ok(fs_write_in_root(fd, path, "x", 1, 0755));
        }
}

static int inspect(int fd, const Root *root, unsigned flags, Dracut *ret, Failure *failure) {
        OsRelease os = { .id = (char *) root->id, .family = root->family };

        if (root->version) {
                _cleanup_free_ char *script = str_printf(
                                "#!/bin/sh\n# shellcheck disable=SC2034\nDRACUT_VERSION=%s\n",
                                root->version);

                assert_ok(fs_write_in_root(
                                fd,
                                "usr/lib/dracut/dracut-version.sh",
                                script,
                                strlen(script),
                                0644));
        }
        make_files(fd, "usr/lib/dracut/modules.d", root->modules, "/module-setup.sh");
        make_files(fd, "usr/sbin", root->programs, "");
        return dracut_inspect(fd, &os, flags, ret, failure);
}

static const struct {
        Root root;
        unsigned flags;
        unsigned version;
        const char *version_text;
        DracutNetwork network;
        bool has_azl_downloader;
} rows[] = {
        { { "059-4",
            FETCH "35network-legacy 35network-manager 01systemd-networkd",
            LEGACY " " NETWORKD,
            "debian",
            FAMILY_DEBIAN },
          DRACUT_WITH_NETWORK,
          59,
          "059-4",
          DRACUT_NETWORK_LEGACY,
          false },
        { { "059-4", FETCH "35network-legacy 35network-manager", MANAGER, "debian", FAMILY_DEBIAN },
          DRACUT_WITH_NETWORK,
          59,
          "059-4",
          DRACUT_NETWORK_MANAGER,
          false },
        { { "059-4", "90dmsquash-live", LIVE_PROGRAMS, "debian", FAMILY_DEBIAN },
          0,
          59,
          "059-4",
          DRACUT_NETWORK_NONE,
          false },
        /* What there is for the network is in every initrd, so that an ISO can become a PXE tree. */
        { { "059-4", FETCH "35network-legacy", LEGACY, "debian", FAMILY_DEBIAN },
          0,
          59,
          "059-4",
          DRACUT_NETWORK_LEGACY,
          false },
        { { "059-4", FETCH "35network-legacy", LIVE_PROGRAMS " curl", "debian", FAMILY_DEBIAN },
          0,
          59,
          "059-4",
          DRACUT_NETWORK_NONE,
          false },
        { { "059-4",
            "90dmsquash-live 90livenet 35network-legacy",
            LEGACY,
            "debian",
            FAMILY_DEBIAN },
          0,
          59,
          "059-4",
          DRACUT_NETWORK_NONE,
          false },
        { { "\"106-6\"",
            FETCH "35network-legacy 11systemd-networkd",
            LEGACY " " NETWORKD,
            "debian",
            FAMILY_DEBIAN },
          DRACUT_WITH_NETWORK,
          106,
          "106-6",
          DRACUT_NETWORK_NETWORKD,
          false },
        { { "110",
            "70dmsquash-live 70overlayfs 70livenet 45url-lib 35network-manager",
            MANAGER,
            "fedora",
            FAMILY_FEDORA },
          DRACUT_WITH_NETWORK,
          110,
          "110",
          DRACUT_NETWORK_MANAGER,
          false },
        { { "107", FETCH "35network-legacy", LEGACY, "debian", FAMILY_DEBIAN },
          DRACUT_WITH_NETWORK,
          107,
          "107",
          DRACUT_NETWORK_LEGACY,
          false },
        { { "102-11.azl3",
            FETCH "01systemd-networkd 90livenet/azl-liveos-artifacts-download.service",
            NETWORKD,
            "azurelinux",
            FAMILY_AZURELINUX },
          DRACUT_WITH_NETWORK,
          102,
          "102-11.azl3",
          DRACUT_NETWORK_NETWORKD,
          true },
        { { "102-11.azl3",
            FETCH "35network-legacy 90livenet/azl-liveos-artifacts-download.service",
            LEGACY,
            "other",
            FAMILY_UNKNOWN },
          DRACUT_WITH_NETWORK,
          102,
          "102-11.azl3",
          DRACUT_NETWORK_LEGACY,
          false },
        { { "059-4", FETCH "35network-legacy", LEGACY, "azurelinux", FAMILY_AZURELINUX },
          DRACUT_WITH_NETWORK,
          59,
          "059-4",
          DRACUT_NETWORK_LEGACY,
          false },
};

TEST_ROWS(usable, ELEMENTSOF(rows)) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        Dracut dracut = {};
        Failure failure = {};

        ck_assert_msg(inspect(fd, &rows[_i].root, rows[_i].flags, &dracut, &failure) >= 0,
                      "%s",
                      failure.message);
        ck_assert_uint_eq(dracut.version, rows[_i].version);
        ck_assert_str_eq(dracut.version_text, rows[_i].version_text);
        ck_assert_int_eq(dracut.network, rows[_i].network);
        ck_assert_int_eq(dracut.has_azl_downloader, rows[_i].has_azl_downloader);
}

#define MISSING \
        "The image's dracut cannot make the initrd of a bootstrap Live OS, these are missing: "
#define OR_ELSE ", or choose initramfsType: full-os."

static const struct {
        Root root;
        unsigned flags;
        const char *message;
} failure_rows[] = {
        { { NULL, "", LEGACY, "debian", FAMILY_DEBIAN },
          DRACUT_WITH_NETWORK,
          MISSING "the program 'dracut'. Install in the image what has them: dracut" OR_ELSE },
        { { "059-4", "01systemd-networkd", NETWORKD, "debian", FAMILY_DEBIAN },
          DRACUT_WITH_NETWORK,
          MISSING
          "the module 'dmsquash-live', the module 'livenet', the module 'url-lib', "
          "the module 'network-legacy', the program 'dhclient', the program 'expr', the program 'arping'. "
          "Install in the image what has them: dracut-live dracut-network isc-dhcp-client coreutils iputils-arping" OR_ELSE },
        { { "059-4",
            FETCH "35network-legacy",
            LIVE_PROGRAMS " ip sed awk tr expr arping2",
            "debian",
            FAMILY_DEBIAN },
          DRACUT_WITH_NETWORK,
          MISSING "the program 'curl', the program 'dhclient', the program 'pgrep'. "
                  "Install in the image what has them: curl isc-dhcp-client procps" OR_ELSE },
        { { "102-7.azl3",
            "90dmsquash-live",
            "blkid losetup blockdev dd find grep",
            "azurelinux",
            FAMILY_AZURELINUX },
          0,
          MISSING
          "the program 'dmsetup'. Install in the image what has them: device-mapper" OR_ELSE },
        { { "059",
            "90dmsquash-live",
            "blkid losetup blockdev dd find grep",
            "arch",
            FAMILY_UNKNOWN },
          0,
          MISSING "the program 'dmsetup'. Install in the image what has them" OR_ELSE },
        { { "110-1.fc44", "70dmsquash-live", LIVE_PROGRAMS, "fedora", FAMILY_FEDORA },
          0,
          MISSING "the module 'overlayfs'. Install in the image what has them: dracut" OR_ELSE },
        { { "109-1.azl4", "70overlayfs 70livenet", NETWORKD, "azurelinux", FAMILY_AZURELINUX },
          DRACUT_WITH_NETWORK,
          MISSING
          "the module 'dmsquash-live', the module 'url-lib', the module 'systemd-networkd'. Install in the image what has them: dracut systemd" OR_ELSE },
        { { "devel", "90dmsquash-live", LIVE_PROGRAMS, "debian", FAMILY_DEBIAN },
          0,
          "The image's file '/usr/lib/dracut/dracut-version.sh' does not tell the version of dracut: install dracut anew in the image." },
};

TEST_ROWS(missing, ELEMENTSOF(failure_rows)) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        Dracut dracut = {};
        Failure failure = {};

        assert_errno(inspect(fd, &failure_rows[_i].root, failure_rows[_i].flags, &dracut, &failure),
                     -ENOPKG);
        ck_assert_str_eq(failure.message, failure_rows[_i].message);
}

#define SCRIPT "usr/lib/dracut/dracut-version.sh"

/* Where the version is told: the files of an image, a path and its text in turn. */
static const struct {
        const char *files[4];
        const char *version_text; /* or … */
        const char *message;      /* … the failure */
} place_rows[] = {
        { { SCRIPT, "DRACUT_VERSION=059-4\n", "usr/bin/dracut", "DRACUT_VERSION=110\n" },
          "059-4",
          NULL },
        { { "usr/bin/dracut", "#!/bin/bash\n\nexport LC_ALL=C\nDRACUT_VERSION='110-2'\nexit\n" },
          "110-2",
          NULL },
        { { "usr/bin/dracut",
            "#!/bin/bash\n. \"$dracutbasedir\"/dracut-version.sh\necho $DRACUT_VERSION\n",
            "usr/share/pkgconfig/dracut.pc",
            "Name: dracut\nVersion: 111\n" },
          "111",
          NULL },
        { { SCRIPT, "DRACUT_VERSION=\n" }, NULL, "The image's file '/" SCRIPT "' does not tell" },
        { { "usr/bin/dracut", "#!/bin/bash\n" },
          NULL,
          "The image's file '/usr/bin/dracut' does not tell the version of dracut: install dracut anew in the image." },
        { { "usr/bin/other", "" }, NULL, MISSING "the program 'dracut'" },
};

TEST_ROWS(version_place, ELEMENTSOF(place_rows)) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        Root root = { NULL, "70dmsquash-live 70overlayfs", LIVE_PROGRAMS, "fedora", FAMILY_FEDORA };
        const char *const *files = place_rows[_i].files;
        Dracut dracut = {};
        Failure failure = {};
        int r;

        for (size_t i = 0; i < ELEMENTSOF(place_rows[_i].files) && files[i]; i += 2)
                assert_ok(fs_write_in_root(fd, files[i], files[i + 1], strlen(files[i + 1]), 0755));
        r = inspect(fd, &root, 0, &dracut, &failure);
        if (place_rows[_i].message) {
                assert_errno(r, -ENOPKG);
                assert_failure(&failure, place_rows[_i].message);
                return;
        }
        ck_assert_msg(r >= 0, "%s", failure.message);
        ck_assert_str_eq(dracut.version_text, place_rows[_i].version_text);
}

static const struct {
        const char *text;
        int r;
        unsigned version;
} version_rows[] = {
        { "059", 0, 59 },         { "059-4", 0, 59 },      { "102-7.azl3", 0, 102 },
        { "110+suse.3", 0, 110 }, { "103~rc1", 0, 103 },   { "", -EINVAL, 0 },
        { "v059", -EINVAL, 0 },   { "59abc", -EINVAL, 0 }, { "99999999999999", -EINVAL, 0 },
};

TEST_ROWS(version, ELEMENTSOF(version_rows)) {
        unsigned version = 0;

        assert_errno(dracut_version_parse(version_rows[_i].text, &version), version_rows[_i].r);
        ck_assert_uint_eq(version, version_rows[_i].version);
}

#define LAYOUT "rd.live.image rd.live.dir=liveos rd.live.squashimg=rootfs.img "

static const struct {
        unsigned version;
        bool azl;
        MediumKind medium;
        const char *before, *after;
} argument_rows[] = {
        { 59, false, MEDIUM_ISO, "", LAYOUT "rd.live.overlay.overlayfs=1" },
        { 109, false, MEDIUM_ISO, "", LAYOUT "rd.live.overlay.overlayfs=1" },
        { 110, false, MEDIUM_ISO, "", LAYOUT "rd.overlay=1" },
        { 59, false, MEDIUM_PXE, "", LAYOUT "rd.live.overlay.overlayfs=1 ip=dhcp rd.neednet=1" },
        { 102,
          true,
          MEDIUM_PXE,
          "",
          LAYOUT "rd.live.overlay.overlayfs=1 ip=dhcp rd.neednet=1 rd.live.azldownloader=enable" },
        { 102, true, MEDIUM_ISO, "", LAYOUT "rd.live.overlay.overlayfs=1" },
        { 59,
          false,
          MEDIUM_PXE,
          "quiet ip=eth0:dhcp",
          "quiet ip=eth0:dhcp " LAYOUT "rd.live.overlay.overlayfs=1 rd.neednet=1" },
        { 110,
          false,
          MEDIUM_ISO,
          "rd.overlay=LABEL=x",
          "rd.overlay=LABEL=x rd.live.image rd.live.dir=liveos rd.live.squashimg=rootfs.img" },
        { 59,
          false,
          MEDIUM_ISO,
          "rd.live.dir=x rd.live.ram",
          "rd.live.dir=liveos rd.live.ram rd.live.image rd.live.squashimg=rootfs.img rd.live.overlay.overlayfs=1" },
};

TEST_ROWS(arguments, ELEMENTSOF(argument_rows)) {
        Dracut dracut = { .version = argument_rows[_i].version,
                          .has_azl_downloader = argument_rows[_i].azl };
        _cleanup_strv_ char **words = NULL;
        _cleanup_free_ char *line = NULL;

        assert_ok(cmdline_add_text(&words, argument_rows[_i].before, NULL));
        assert_ok(dracut_add_live_arguments(&dracut, argument_rows[_i].medium, &words));
        assert_ok(dracut_add_live_arguments(&dracut, argument_rows[_i].medium, &words));
        assert_ok(cmdline_join(words, &line, NULL));
        ck_assert_str_eq(line, argument_rows[_i].after);
}

/* Whoever stands before a machine that does not boot gets no root shell, unless the config says so. */
TEST(defect_20_no_shell_unasked)
{
        static const unsigned versions[] = { 59, 102, 110 };

        for (size_t i = 0; i < ELEMENTSOF(versions); i++)
                for (MediumKind medium = 0; medium < _MEDIUM_KIND_MAX; medium++) {
                        Dracut dracut = { .version = versions[i], .has_azl_downloader = true };
                        _cleanup_strv_ char **words = NULL, **asked = NULL;

                        assert_ok(dracut_add_live_arguments(&dracut, medium, &words));
                        ck_assert_ptr_null(cmdline_find(words, "rd.shell"));
                        ck_assert_ptr_null(cmdline_find(words, "rd.debug"));
                        assert_ok(cmdline_add_text(&asked, "rd.shell=1", NULL));
                        assert_ok(dracut_add_live_arguments(&dracut, medium, &asked));
                        ck_assert_str_eq(cmdline_find(asked, "rd.shell"), "rd.shell=1");
                }
}

#define CALL                                                                                  \
        "dracut|--force|--kver|6.1|--no-hostonly|--no-hostonly-cmdline|--no-early-microcode|" \
        "--no-compress|--nostrip|--nohardlink|--add|"
#define DRIVERS                                                                                      \
        "|--add-drivers|squashfs overlay isofs loop virtio_net virtio_blk virtio_scsi sr_mod sd_mod" \
        "|--filesystems|squashfs|"

#define INSTALL "|--install|/root/.curlrc|/out"

static const struct {
        DracutNetwork network;
        const char *argv;
        const char *url;
} call_rows[] = {
        { DRACUT_NETWORK_NONE, CALL "dmsquash-live" DRIVERS "/out" },
        { DRACUT_NETWORK_LEGACY,
          CALL "network-legacy dmsquash-live livenet" DRIVERS
               "--omit|systemd-networkd systemd-network-management network-manager" INSTALL },
        { DRACUT_NETWORK_MANAGER,
          CALL "network-manager dmsquash-live livenet" DRIVERS
               "--omit|systemd-networkd systemd-network-management network-legacy" INSTALL },
        { DRACUT_NETWORK_NETWORKD,
          CALL "systemd-networkd dmsquash-live livenet" DRIVERS
               "--omit|network-manager network-legacy" INSTALL },
        { DRACUT_NETWORK_NETWORKD,
          CALL "systemd-networkd dmsquash-live livenet nfs" DRIVERS
               "--omit|network-manager network-legacy" INSTALL,
          "nfs://h/live/a.iso" },
        { DRACUT_NETWORK_NETWORKD,
          CALL "systemd-networkd dmsquash-live livenet" DRIVERS
               "--omit|network-manager network-legacy" INSTALL,
          "https://h/a.iso" },
};

TEST_ROWS(call, ELEMENTSOF(call_rows)) {
        Dracut dracut = {
                .version = 59,
                .network = call_rows[_i].network,
                .url_module = live_url_module(call_rows[_i].url),
        };
        _cleanup_strv_ char **argv = NULL, **same = NULL;
        _cleanup_free_ char *joined = NULL;

        assert_ok(dracut_argv(&dracut, "6.1", "/out", &argv));
        joined = strv_join(argv, "|");
        ck_assert_str_eq(joined, call_rows[_i].argv);
        /* To be the same again is asked for before the initrd's name, which is last. */
        dracut.is_reproducible = true;
        assert_ok(dracut_argv(&dracut, "6.1", "/out", &same));
        ck_assert_str_eq(same[1], "--reproducible");
        ck_assert_uint_eq(strv_length(same), strv_length(argv) + 1);
        ck_assert_str_eq(same[strv_length(same) - 1], "/out");
}
