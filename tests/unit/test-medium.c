/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The layout that is promised: every item on both media, for one kernel and for several. */

#include "tests/lib/test.h"

#include "common/strings.h"
#include "liveos/loader.h"
#include "liveos/medium.h"

static const struct {
        MediumItem item;
        const char *iso, *pxe; /* NULL: not there */
} layout[] = {
        { MEDIUM_SHIM, "efi/boot/bootx64.efi", "bootx64.efi" },
        { MEDIUM_GRUB, "efi/boot/grubx64.efi", "grubx64.efi" },
        { MEDIUM_GRUB_CFG, "boot/grub2/grub.cfg", NULL },
        { MEDIUM_GRUB_PXE_CFG, "boot/grub2/grub-pxe.cfg", "boot/grub2/grub.cfg" },
        { MEDIUM_GRUBENV, "boot/grub2/grubenv", "boot/grub2/grubenv" },
        { MEDIUM_KERNEL, "boot/vmlinuz", "boot/vmlinuz" },
        { MEDIUM_INITRD, "boot/initrd.img", "boot/initrd.img" },
        { MEDIUM_ROOTFS, "liveos/rootfs.img", NULL },
        { MEDIUM_ISO_IMAGE, NULL, "image.iso" },
        { MEDIUM_DISK_INFO, ".disk/info", NULL },
};

static void check_path(
                MediumKind kind,
                MediumItem item,
                const MediumNames *names,
                const char *expected) {
        _cleanup_free_ char *path = NULL;

        assert_errno(medium_path(kind, item, names, &path), expected ? 0 : -ENOENT);
        ck_assert_pstr_eq(path, expected);
}

TEST_ROWS(one_kernel, ELEMENTSOF(layout)) {
        static const MediumNames names = { .arch = ARCH_X86_64 };

        ck_assert_uint_eq(ELEMENTSOF(layout), _MEDIUM_ITEM_MAX);
        check_path(MEDIUM_ISO, layout[_i].item, &names, layout[_i].iso);
        check_path(MEDIUM_PXE, layout[_i].item, &names, layout[_i].pxe);
}

TEST(other_names)
{
        static const MediumNames names = { .arch = ARCH_AARCH64,
                                           .kernel = "vmlinuz-1",
                                           .initrd = "initramfs-1.img",
                                           .iso = "my os.iso" };

        check_path(MEDIUM_ISO, MEDIUM_SHIM, &names, "efi/boot/bootaa64.efi");
        check_path(MEDIUM_PXE, MEDIUM_GRUB, &names, "grubaa64.efi");
        check_path(MEDIUM_ISO, MEDIUM_KERNEL, &names, "boot/vmlinuz-1");
        check_path(MEDIUM_PXE, MEDIUM_INITRD, &names, "boot/initramfs-1.img");
        check_path(MEDIUM_PXE, MEDIUM_ISO_IMAGE, &names, "my os.iso");
}

TEST(names_for_kernels)
{
        Kernel items[] = {
                { .vmlinuz_name = (char *) "vmlinuz-2", .initrd = (char *) "initrd.img-2" },
                { .vmlinuz_name = (char *) "vmlinuz-1", .initrd = (char *) "initrd.img-1" },
        };
        Kernels kernels = { .items = items, .n_items = 1 };
        MediumNames names = medium_names_for_kernel(&kernels, 0, INITRAMFS_BOOTSTRAP, ARCH_AARCH64);

        ck_assert_int_eq(names.arch, ARCH_AARCH64);
        ck_assert_ptr_null(names.kernel);
        ck_assert_ptr_null(names.initrd);
        kernels.n_items = 2;
        names = medium_names_for_kernel(&kernels, 1, INITRAMFS_BOOTSTRAP, ARCH_X86_64);
        ck_assert_str_eq(names.kernel, "vmlinuz-1");
        ck_assert_str_eq(names.initrd, "initrd.img-1");
        names = medium_names_for_kernel(&kernels, 0, INITRAMFS_FULL_OS, ARCH_X86_64);
        ck_assert_str_eq(names.kernel, "vmlinuz-2");
        ck_assert_ptr_null(names.initrd);
}

static const struct {
        const char *prefix;
        const char *iso, *pxe; /* with a blank between; "": needs none */
} prefix_rows[] = {
        { "/grub", "grub/grub.cfg", "grub/grub.cfg" },
        { "/boot/grub", "boot/grub/grub.cfg", "boot/grub/grub.cfg" },
        { "/EFI/debian", "EFI/debian/grub.cfg", "EFI/debian/grub.cfg" },
        { "/EFI/fedora", "EFI/fedora/grub.cfg", "EFI/fedora/grub.cfg" },
        { "/boot/grub2", "", "" },
        { "/boot//grub2/", "", "" },
        { "", "EFI/BOOT/grub.cfg", "grub.cfg EFI/BOOT/grub.cfg" },
        { "/", "grub.cfg", "grub.cfg" },
};

TEST_ROWS(redirector, ELEMENTSOF(prefix_rows)) {
        const char *const expected[] = { prefix_rows[_i].iso, prefix_rows[_i].pxe };

        for (MediumKind kind = 0; kind < _MEDIUM_KIND_MAX; kind++) {
                _cleanup_strv_ char **paths = NULL;
                _cleanup_free_ char *joined = NULL;

                assert_ok(medium_redirector_paths(kind, prefix_rows[_i].prefix, &paths, NULL));
                joined = strv_join(paths, " ");
                ck_assert_str_eq(joined, expected[kind]);
        }
}

static const char *const bad_prefixes[] = { "(hd0,gpt2)/boot/grub", "boot/grub", "/a/../b", "/." };

TEST_ROWS(bad_prefix, ELEMENTSOF(bad_prefixes)) {
        Failure failure = {};
        char **paths = NULL;

        assert_errno(medium_redirector_paths(MEDIUM_ISO, bad_prefixes[_i], &paths, &failure),
                     -EINVAL);
        assert_failure(&failure, bad_prefixes[_i]);
        assert_failure(&failure, "install the distribution's own grub for EFI");
}

/* A loader that was built without a prefix gets the name that shim looks for, and a menu beside it. */
TEST(defect_11_noprefix_gets_its_name_and_menu)
{
        static char *const esp[] = { (char *) "EFI/BOOT/bootx64.efi",
                                     (char *) "EFI/BOOT/grubx64-noprefix.efi",
                                     NULL };
        static const char *const names[] = { "efi/boot/grubx64.efi", "grubx64.efi" };
        static const char *const menu = "EFI/BOOT/grub.cfg";
        OsRelease os = { .family = FAMILY_AZURELINUX };
        LoaderSearch search = { .esp_paths = esp,
                                .os = &os,
                                .arch = ARCH_X86_64,
                                .media = 1U << MEDIUM_ISO | 1U << MEDIUM_PXE };
        MediumNames fixed = { .arch = ARCH_X86_64 };
        _cleanup_loaders_ Loaders loaders = {};

        assert_ok(loaders_pick(&search, &loaders, NULL));
        for (MediumKind kind = 0; kind < _MEDIUM_KIND_MAX; kind++) {
                _cleanup_strv_ char **menus = NULL;
                _cleanup_free_ char *name = NULL;

                ck_assert_str_eq(loaders.grub[kind].path, esp[1]);
                assert_ok(medium_path(kind, MEDIUM_GRUB, &fixed, &name));
                ck_assert_str_eq(name, names[kind]);
                assert_ok(medium_redirector_paths(kind, loaders.prefix[kind], &menus, NULL));
                ck_assert(strv_contains(menus, menu));
        }
}

/* Every item has a place of its own, and none is in a copy of the image's ESP. */
TEST(defect_18_esp_is_not_published_again)
{
        MediumNames names = { .arch = ARCH_X86_64 };

        for (MediumKind kind = 0; kind < _MEDIUM_KIND_MAX; kind++) {
                _cleanup_strv_ char **paths = NULL;

                for (MediumItem item = 0; item < _MEDIUM_ITEM_MAX; item++) {
                        char *path = NULL;

                        if (medium_path(kind, item, &names, &path) < 0)
                                continue;
                        ck_assert_ptr_null(str_after_prefix(path, "boot/efi"));
                        ck_assert_msg(!strv_contains(paths, path), "%s is there twice", path);
                        assert_ok(strv_append_take(&paths, path));
                }
        }
}
