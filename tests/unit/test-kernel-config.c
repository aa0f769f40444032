/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a kernel lacks for a Live OS: by its configuration, by its modules, and where nothing is known. */

#include "tests/lib/test.h"

#include <fcntl.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/kernel-config.h"

#define BASE                                                             \
        "CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_ZSTD=y\nCONFIG_DEVTMPFS=y\n" \
        "CONFIG_TMPFS=y\n"
#define LIVE                                           \
        "CONFIG_OVERLAY_FS=m\nCONFIG_BLK_DEV_LOOP=m\n" \
        "CONFIG_ISO9660_FS=m\nCONFIG_SQUASHFS=m\nCONFIG_SQUASHFS_ZSTD=y\n"
#define MODULES                                          \
        "kernel/fs/overlayfs/overlay.ko.xz:\n"           \
        "kernel/drivers/block/loop.ko.xz:\n"             \
        "kernel/fs/isofs/isofs.ko.xz: kernel/lib/x.ko\n" \
        "kernel/fs/squashfs/squashfs.ko.xz:\n"

static const struct {
        KernelConfigFacts facts;
        KernelConfigNeeds needs;
        const char *missing;
} rows[] = {
        { { BASE LIVE, MODULES, "" }, { false, "zstd" }, "" },
        { { BASE, "", "" }, { true, "zstd" }, "" },
        /* What is a module has to be there. */
        { { BASE LIVE, "kernel/fs/xsquashfs.ko:\n", "" },
          { false, "zstd" },
          "overlayfs (CONFIG_OVERLAY_FS), loop devices (CONFIG_BLK_DEV_LOOP), ISO 9660 (CONFIG_ISO9660_FS), squashfs (CONFIG_SQUASHFS)" },
        /* Modules that nobody lists are believed. */
        { { BASE LIVE, NULL, NULL }, { false, "zstd" }, "" },
        { { BASE LIVE, MODULES, "" }, { false, "xz" }, "squashfs with xz (CONFIG_SQUASHFS_XZ)" },
        { { BASE LIVE "CONFIG_SQUASHFS_XZ=y\n", MODULES, "" }, { false, "xz" }, "" },
        /* A part that cannot be a module is not one. */
        { { BASE LIVE "CONFIG_SQUASHFS_LZO=m\n", MODULES, "" },
          { false, "lzo" },
          "squashfs with lzo (CONFIG_SQUASHFS_LZO)" },
        { { "# CONFIG_RD_ZSTD is not set\nCONFIG_BLK_DEV_INITRD=y\nCONFIG_DEVTMPFS=y\nCONFIG_TMPFS=y\n",
            "",
            "" },
          { true, "zstd" },
          "an initrd compressed by zstd (CONFIG_RD_ZSTD)" },
        /* A longer name is another one. */
        { { BASE LIVE "CONFIG_SQUASHFS_LZ4_X=y\n", MODULES, "" },
          { false, "lz4" },
          "squashfs with lz4 (CONFIG_SQUASHFS_LZ4)" },
        /* Without a configuration, the modules tell what they can. */
        { { NULL, MODULES, "" }, { false, "zstd" }, "" },
        { { NULL, "", "kernel/fs/overlayfs/overlay.ko\nkernel/drivers/block/loop.ko\n" },
          { false, "zstd" },
          "ISO 9660 (CONFIG_ISO9660_FS), squashfs (CONFIG_SQUASHFS)" },
        { { NULL, NULL, NULL }, { false, "zstd" }, "" },
};

TEST_ROWS(missing, ELEMENTSOF(rows)) {
        _cleanup_strv_ char **missing = NULL;
        _cleanup_free_ char *text = NULL;

        assert_ok(kernel_config_find_missing(&rows[_i].facts, &rows[_i].needs, &missing));
        text = strv_join(missing, ", ");
        ck_assert_str_eq(text ? text : "", rows[_i].missing);
}

static int check(int fd, bool is_full_os, Failure *failure) {
        const Kernel kernel = { .version = (char *) "6.1.0",
                                .modules = (char *) "usr/lib/modules/6.1.0" };
        const KernelConfigNeeds needs = { .is_full_os = is_full_os, .compressor = "zstd" };

        return kernel_config_check(fd, &kernel, &needs, failure);
}

/* Where distributions keep them; the one in /boot goes first. */
TEST(files)
{
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        Failure failure = {};

        assert_ok(check(fd, false, &failure));
        assert_ok(fs_write_in_root(fd, "usr/lib/modules/6.1.0/config", BASE, strlen(BASE), 0644));
        assert_errno(check(fd, false, &failure), -ENOPKG);
        ck_assert_str_eq(
                        failure.message,
                        "The image's kernel 6.1.0 cannot start a bootstrap Live OS, it knows nothing of: overlayfs (CONFIG_OVERLAY_FS), loop devices (CONFIG_BLK_DEV_LOOP), ISO 9660 (CONFIG_ISO9660_FS), squashfs (CONFIG_SQUASHFS), squashfs with zstd (CONFIG_SQUASHFS_ZSTD). Install another kernel in the image, or choose what it knows (--compressor, initramfsType: full-os).");
        assert_ok(check(fd, true, &failure));
        assert_ok(fs_write_in_root(fd, "boot/config-6.1.0", "", 0, 0644));
        failure = (Failure){};
        assert_errno(check(fd, true, &failure), -ENOPKG);
        ck_assert_str_eq(
                        failure.message,
                        "The image's kernel 6.1.0 cannot start a full-os Live OS, it knows nothing of: an initrd (CONFIG_BLK_DEV_INITRD), an initrd compressed by zstd (CONFIG_RD_ZSTD), devtmpfs (CONFIG_DEVTMPFS), tmpfs (CONFIG_TMPFS). Install another kernel in the image.");
}
