/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What lies where on the media: a table and the few names that are not fixed. */

#include "liveos/medium.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/strings.h"

/* In the patterns, % stands for the name that is not fixed; what that is goes by the item. */
static const char *const patterns[_MEDIUM_ITEM_MAX][_MEDIUM_KIND_MAX] = {
        [MEDIUM_SHIM] = { "efi/boot/boot%.efi", "boot%.efi" },
        [MEDIUM_GRUB] = { "efi/boot/grub%.efi", "grub%.efi" },
        [MEDIUM_GRUB_CFG] = { MEDIUM_GRUB_FOLDER "/grub.cfg", NULL },
        [MEDIUM_GRUB_PXE_CFG] = { MEDIUM_GRUB_FOLDER "/grub-pxe.cfg",
                                  MEDIUM_GRUB_FOLDER "/grub.cfg" },
        [MEDIUM_GRUBENV] = { MEDIUM_GRUB_FOLDER "/grubenv", MEDIUM_GRUB_FOLDER "/grubenv" },
        [MEDIUM_KERNEL] = { "boot/%", "boot/%" },
        [MEDIUM_INITRD] = { "boot/%", "boot/%" },
        [MEDIUM_ROOTFS] = { MEDIUM_ROOTFS_PATH, NULL },
        [MEDIUM_ISO_IMAGE] = { NULL, "%" },
        [MEDIUM_DISK_INFO] = { ".disk/info", NULL },
};

static const char *free_name(MediumItem item, const MediumNames *names) {
        if (item == MEDIUM_SHIM || item == MEDIUM_GRUB)
                return arch_efi_suffix(names->arch);
        if (item == MEDIUM_KERNEL)
                return names->kernel ? names->kernel : "vmlinuz";
        if (item == MEDIUM_INITRD)
                return names->initrd ? names->initrd : "initrd.img";
        return names->iso ? names->iso : ORDER_ISO_NAME_DEFAULT;
}

int medium_path(MediumKind kind, MediumItem item, const MediumNames *names, char **ret) {
        const char *pattern, *percent;
        char *path;

        assert(kind >= 0 && kind < _MEDIUM_KIND_MAX);
        assert(item >= 0 && item < _MEDIUM_ITEM_MAX);
        pattern = patterns[item][kind];
        if (!pattern)
                return -ENOENT;
        percent = strchr(pattern, '%');
        path = percent ? str_printf("%.*s%s%s",
                                    (int) (percent - pattern),
                                    pattern,
                                    free_name(item, names),
                                    percent + 1)
                       : strdup(pattern);
        if (!path)
                return -ENOMEM;
        *ret = path;
        return 0;
}

MediumNames medium_names_for_kernel(
                const Kernels *kernels,
                size_t i,
                InitramfsType type,
                Arch arch) {
        const Kernel *kernel = &kernels->items[i];
        MediumNames names = { .arch = arch };

        assert(i < kernels->n_items);
        if (kernels->n_items == 1)
                return names;
        names.kernel = kernel->vmlinuz_name;
        if (type != INITRAMFS_FULL_OS)
                names.initrd = kernel->initrd;
        return names;
}

static int check_prefix(const char *prefix, Failure *reterr) {
        _cleanup_strv_ char **parts = NULL;

        if (*prefix == '(')
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The image's grub looks for its menu on one fixed device, '%s', so it cannot start from a medium: install the distribution's own grub for EFI instead of one made by grub-install.",
                                prefix);
        if (*prefix != '\0' && *prefix != '/')
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The image's grub has the prefix '%s', which is no absolute path: install the distribution's own grub for EFI.",
                                prefix);
        parts = strv_split(prefix, "/");
        if (!parts)
                return -ENOMEM;
        if (strv_contains(parts, "..") || strv_contains(parts, "."))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The image's grub has the prefix '%s', which is no plain path: install the distribution's own grub for EFI.",
                                prefix);
        return 0;
}

static int add_redirector(char ***paths, const char *prefix) {
        _cleanup_strv_ char **parts = strv_split(prefix, "/");
        _cleanup_free_ char *folder = parts ? strv_join(parts, "/") : NULL;

        if (!folder)
                return -ENOMEM;
        if (str_equal(folder, MEDIUM_GRUB_FOLDER))
                return 0;
        return strv_append_take(paths, str_printf("%s%sgrub.cfg", folder, *folder ? "/" : ""));
}

int medium_redirector_paths(MediumKind kind, const char *prefix, char ***ret, Failure *reterr) {
        _cleanup_strv_ char **paths = strv_split("", "/");
        int r = check_prefix(prefix, reterr);

        if (r < 0)
                return r;
        if (!paths)
                return -ENOMEM;
        /* A grub without a prefix looks where it came from; off the network that is the server's
         * root, but not for every build of it. */
        if (*prefix != '\0' || kind == MEDIUM_PXE)
                r = add_redirector(&paths, prefix);
        if (r >= 0 && *prefix == '\0')
                r = add_redirector(&paths, MEDIUM_EFI_FOLDER);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(paths);
        return 0;
}
