/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The boot menus of a medium. The text work is grub-live.c's; this says what is wished for. */

#include "liveos/menu.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "liveos/grub-bls.h"
#include "liveos/grub-kernels.h"
#include "liveos/grub-live.h"
#include "liveos/media.h"

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

/* What nobody has customized has the menu that it is meant to have. */
static int follow_kernels(
                const Build *build,
                const MenuKernels *kernels,
                const char *text,
                char **ret,
                Failure *reterr) {
        const GrubFollow follow = {
                .kernels = kernels->items,
                .n_kernels = kernels->n_items,
                .before = build->kernels_before,
        };

        if (build->kernels_before)
                return grub_follow_kernels(text, &follow, ret, reterr);
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

int menu_make(const Build *build, MediumKind menu, char **ret, Failure *reterr) {
        _cleanup_(menu_kernels_done) MenuKernels kernels = {};
        _cleanup_strv_ char **arguments = NULL;
        _cleanup_free_ char *root = NULL, *whole = NULL, *text = NULL;
        GrubLive wish;
        GrubBls bls;
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
        bls = (GrubBls){
                .entries = &build->bls_entries,
                .env = build->grub_env,
                .kernels = kernels.items,
                .n_kernels = kernels.n_items,
        };
        r = grub_bls_to_menu(build->grub_cfg, &bls, &whole, reterr);
        if (r >= 0)
                r = follow_kernels(build, &kernels, whole, &text, reterr);
        return r < 0 ? r : grub_make_live(text, &wish, ret, reterr);
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

static int write_grub_env(const Build *build, MediumKind medium, Failure *reterr) {
        const MediumNames names = { .arch = build->arch };
        _cleanup_free_ char *path = NULL;
        int r = medium_path(medium, MEDIUM_GRUBENV, &names, &path);

        return r < 0 ? r : media_write(media_folder(medium), path, build->grub_env, reterr);
}

static int write_redirectors(
                const Build *build,
                MediumKind medium,
                const char *prefix,
                Failure *reterr) {
        _cleanup_free_ char *text = grub_make_redirector(
                        medium == MEDIUM_ISO ? build_volume_id(build) : NULL);
        _cleanup_strv_ char **paths = NULL;
        int r = text ? medium_redirector_paths(medium, prefix, &paths, reterr) : -ENOMEM;

        STRV_FOREACH(path, paths) {
                if (r >= 0)
                        r = media_match_case(media_folder(medium), *path, reterr);
                if (r >= 0)
                        r = media_write(media_folder(medium), *path, text, reterr);
        }
        return r;
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
                r = write_grub_env(build, medium, reterr);
        if (r >= 0)
                r = write_redirectors(build, medium, prefix, reterr);
        return r;
}
