/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Places that a build fills itself, as a table of patterns in which '*' also stands for '/'. */

#include "config/config-medium.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

#include "common/cleanup.h"
#include "config/saved.h"

static const char *const generated[] = {
        /* of the ISO and the PXE tree */
        "boot/grub2/grub.cfg",
        "boot/grub2/grub-pxe.cfg",
        "boot/grub2/grubenv",
        "boot/vmlinuz*",
        "boot/initrd*",
        "boot/initramfs*",
        "liveos/rootfs.img",
        /* of the ISO */
        "efi/boot/*",
        "efi/*/grub.cfg",
        ".disk/info",
        SAVED_CONFIG_PATH,
        SAVED_URL_PATH,
        "boot/grub2/efiboot.img",
        /* of the PXE tree */
        "bootx64.efi",
        "bootaa64.efi",
        "grubx64.efi",
        "grubaa64.efi",
        /* of both, where a loader looks for its menu elsewhere */
        "boot/grub/grub.cfg",
        "grub/grub.cfg",
        "grub.cfg",
};

bool config_medium_is_generated(const char *path) {
        size_t n = strlen(path);

        for (size_t i = 0; i < ELEMENTSOF(generated); i++) {
                if (fnmatch(generated[i], path, FNM_CASEFOLD | FNM_LEADING_DIR | FNM_NOESCAPE) == 0)
                        return true;
                if (strncasecmp(generated[i], path, n) == 0 && generated[i][n] == '/')
                        return true;
        }
        return false;
}
