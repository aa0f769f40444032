/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The boot menu of an image: the text that GRUB reads, what it has remembered, and entries in files. */

#include <errno.h>
#include <string.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/grub-bls.h"
#include "liveos/grub-env.h"
#include "liveos/inspect.h"

#define GRUB_CFG_MAX_BYTES (1024U * 1024U)

/* Where distributions keep the menu that grub-mkconfig writes. */
static const struct {
        const char *folder;
        const char *cfg;
} grub_folders[] = {
        { "boot/grub2", "boot/grub2/grub.cfg" },
        { "boot/grub", "boot/grub/grub.cfg" },
};

static int find_grub_cfg(Build *build, int root_fd, Failure *reterr) {
        for (size_t i = 0; i < ELEMENTSOF(grub_folders); i++) {
                const char *path = grub_folders[i].cfg;
                size_t size;
                int r = fs_read_in_root(root_fd, path, GRUB_CFG_MAX_BYTES, &build->grub_cfg, &size);

                if (r == -ENOENT)
                        continue;
                if (r < 0)
                        return failure_set_errno(reterr, r, "The image's /%s cannot be read", path);
                if (strlen(build->grub_cfg) != size)
                        return failure_set(reterr, -ENOEXEC, "The image's /%s is not text.", path);
                build->grub_cfg_folder = grub_folders[i].folder;
                return 0;
        }
        return failure_set(
                        reterr,
                        -ENOPKG,
                        "The image has no boot menu: neither /boot/grub2/grub.cfg nor /boot/grub/grub.cfg is there. Install GRUB in the image and run its grub-mkconfig.");
}

/* The image's grubenv, or an empty one: a menu that loads it must find it. */
static int read_grub_env(Build *build, int root_fd, Failure *reterr) {
        _cleanup_free_ char *path = str_printf("%s/grubenv", build->grub_cfg_folder);
        size_t size = 0;
        int r = path ? fs_read_in_root(root_fd, path, GRUB_ENV_BYTES, &build->grub_env, &size)
                     : -ENOMEM;

        if (r == -ENOENT) {
                build->grub_env = grub_env_new();
                return build->grub_env ? 0 : -ENOMEM;
        }
        if (r == -ENOMEM || (r >= 0 && strlen(build->grub_env) == size))
                return r;
        return failure_set(
                        reterr,
                        -ENOEXEC,
                        "The image's /%s is no environment block of GRUB: make it anew with grub-editenv.",
                        path);
}

/* Menu entries that lie in files count only where grub.cfg asks for them: others are of another boot
 * loader, or left over. */
static int find_bls_entries(Build *build, int root_fd, Failure *reterr) {
        GrubMenuSource source;
        int r = grub_find_menu_source(build->grub_cfg, &source, reterr);

        if (r >= 0 && source.has_blscfg)
                return bls_entries_read(root_fd, &build->bls_entries, reterr);
        if (r >= 0 && !source.has_linux && bls_is_used(root_fd))
                return failure_set(
                                reterr,
                                -ENOPKG,
                                "The image's /%s/grub.cfg has neither a 'linux' command nor 'blscfg', so the boot menu entries in /" BLS_FOLDER
                                " are in no menu: set GRUB_ENABLE_BLSCFG=true in /etc/default/grub and make grub.cfg anew in the image with grub-mkconfig.",
                                build->grub_cfg_folder);
        return r;
}

int inspect_menu(Build *build, int root_fd, Failure *reterr) {
        int r = find_grub_cfg(build, root_fd, reterr);

        if (r >= 0)
                r = read_grub_env(build, root_fd, reterr);
        return r < 0 ? r : find_bls_entries(build, root_fd, reterr);
}
