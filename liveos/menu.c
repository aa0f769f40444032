/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The boot menus of a medium. The text work is grub-live.c's; this says what is wished for. */

#include "liveos/menu.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/grub-live.h"
#include "liveos/media.h"
#include "liveos/places.h"

#define GRUBENV_BYTES 1024 /* what grub-editenv makes, always */

/* Paths on the medium as grub sees them, owned by whoever made them. */
typedef struct MenuKernels {
        GrubKernel items[KERNELS_MAX];
        char *paths[2 * KERNELS_MAX];
        size_t n_items;
} MenuKernels;

static void menu_kernels_done(MenuKernels *kernels) {
        for (size_t i = 0; i < ELEMENTSOF(kernels->paths); i++)
                free(kernels->paths[i]);
}

static int item_path(MediumKind medium, MediumItem item, const MediumNames *names, char **ret) {
        _cleanup_free_ char *path = NULL;
        int r = medium_path(medium, item, names, &path);

        if (r < 0)
                return r;
        *ret = str_printf("/%s", path);
        return *ret ? 0 : -ENOMEM;
}

static int list_kernels(const Build *build, MediumKind medium, MenuKernels *kernels) {
        for (size_t i = 0; i < build->kernels.n_items; i++) {
                const MediumNames names = medium_names_for_kernel(
                                &build->kernels,
                                i,
                                build->initramfs,
                                build->arch);
                char **paths = &kernels->paths[2 * i];
                int r = item_path(medium, MEDIUM_KERNEL, &names, &paths[0]);

                if (r >= 0)
                        r = item_path(medium, MEDIUM_INITRD, &names, &paths[1]);
                if (r < 0)
                        return r;
                kernels->items[kernels->n_items++] = (GrubKernel){
                        .version = build->kernels.items[i].version,
                        .vmlinuz = paths[0],
                        .initrd = paths[1],
                };
        }
        return 0;
}

/* What root= says: nothing for full-os, which is its own root. */
static int make_root(const Build *build, MediumKind menu, char **ret) {
        *ret = NULL;
        if (build->initramfs == INITRAMFS_FULL_OS)
                return 0;
        *ret = menu == MEDIUM_PXE ? str_printf("live:%s", build->bootstrap_url)
                                  : str_printf("live:LABEL=%s", build_volume_id(build));
        return *ret ? 0 : -ENOMEM;
}

int menu_make(const Build *build, MediumKind menu, char **ret, Failure *reterr) {
        _cleanup_(menu_kernels_done) MenuKernels kernels = {};
        _cleanup_strv_ char **arguments = NULL;
        _cleanup_free_ char *root = NULL;
        GrubLive wish;
        int r = build_kernel_arguments(build, menu, &arguments, reterr);

        if (r >= 0 && build->initramfs == INITRAMFS_BOOTSTRAP)
                r = dracut_add_live_arguments(&build->dracut, menu, &arguments);
        if (r >= 0)
                r = make_root(build, menu, &root);
        if (r >= 0)
                r = list_kernels(build, menu, &kernels);
        if (r < 0)
                return r;
        wish = (GrubLive){
                .medium = menu,
                .label = build_volume_id(build),
                .root = root,
                .arguments = arguments,
                .kernels = kernels.items,
                .n_kernels = kernels.n_items,
        };
        return grub_make_live(build->grub_cfg, &wish, ret, reterr);
}

/* A medium without that item is left as it is. */
static int write_menu(
                const Build *build,
                MediumKind medium,
                MediumItem item,
                MediumKind menu,
                Failure *reterr) {
        const MediumNames names = { .arch = build->arch };
        _cleanup_free_ char *text = NULL, *path = NULL;
        int r = medium_path(medium, item, &names, &path);

        if (r == -ENOENT)
                return 0;
        if (r >= 0)
                r = menu_make(build, menu, &text, reterr);
        return r < 0 ? r : media_write(media_folder(medium), path, text, reterr);
}

/* The image's grubenv, or an empty one: a menu that loads it must find it. */
static int write_grubenv(const Build *build, MediumKind medium, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_free_ char *from = str_printf("%s/grubenv", build->grub_cfg_folder);
        _cleanup_free_ char *text = NULL, *path = NULL;
        const MediumNames names = { .arch = build->arch };
        size_t size = 0;
        int r = medium_path(medium, MEDIUM_GRUBENV, &names, &path);

        if (r < 0 || !from || root_fd < 0)
                return -ENOMEM;
        r = fs_read_in_root(root_fd, from, GRUBENV_BYTES, &text, &size);
        if (r == -ENOENT) {
                _cleanup_free_ char *empty = malloc(GRUBENV_BYTES + 1);

                if (!empty)
                        return -ENOMEM;
                memset(empty, '#', GRUBENV_BYTES);
                memcpy(empty, "# GRUB Environment Block\n", 25);
                empty[GRUBENV_BYTES] = '\0';
                return media_write(media_folder(medium), path, empty, reterr);
        }
        if (r < 0 || strlen(text) != size)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The image's /%s is no environment block of GRUB: make it anew with grub-editenv.",
                                from);
        return media_write(media_folder(medium), path, text, reterr);
}

static int write_redirector(
                const Build *build,
                MediumKind medium,
                const char *prefix,
                Failure *reterr) {
        _cleanup_free_ char *path = NULL, *text = NULL;
        int r = medium_redirector_path(medium, prefix, &path, reterr);

        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return r;
        text = grub_make_redirector(medium == MEDIUM_ISO ? build_volume_id(build) : NULL);
        return text ? media_write(media_folder(medium), path, text, reterr) : -ENOMEM;
}

/* An ISO has the PXE menu too, for whoever serves it by PXE, as soon as it can be known. */
static bool has_pxe_menu(const Build *build) {
        return build->initramfs == INITRAMFS_FULL_OS || build->bootstrap_url;
}

int menu_write(const Build *build, MediumKind medium, const char *prefix, Failure *reterr) {
        int r = write_menu(build, medium, MEDIUM_GRUB_CFG, MEDIUM_ISO, reterr);

        if (r >= 0 && has_pxe_menu(build))
                r = write_menu(build, medium, MEDIUM_GRUB_PXE_CFG, MEDIUM_PXE, reterr);
        if (r >= 0)
                r = write_grubenv(build, medium, reterr);
        if (r >= 0)
                r = write_redirector(build, medium, prefix, reterr);
        return r;
}
