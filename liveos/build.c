/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is to be made, worked out of order and config: the rules that more than one stage needs.
 * With the format "iso" the node `iso` speaks for both media and `pxe` adds to the PXE tree; with the
 * format "pxe" the node `pxe` speaks for both.
 */

#include "liveos/build.h"

#include "common/strings.h"
#include "liveos/cmdline.h"
#include "liveos/download-unit.h"

bool build_makes_pxe(const Build *build) {
        return build->order->format == ORDER_FORMAT_PXE || build->order->pxe_artifacts;
}

bool build_makes_iso(const Build *build) {
        return build->order->format == ORDER_FORMAT_ISO || build->initramfs == INITRAMFS_BOOTSTRAP;
}

unsigned build_media(const Build *build) {
        return (build_makes_iso(build) ? 1U << MEDIUM_ISO : 0) |
               (build_makes_pxe(build) ? 1U << MEDIUM_PXE : 0);
}

bool build_boots_from_network(const Build *build) {
        return build->initramfs == INITRAMFS_BOOTSTRAP && build->bootstrap_url;
}

const char *build_volume_id(const Build *build) {
        if (build->own_volume_id[0] != '\0')
                return build->own_volume_id;
        if (build->order->volume_id)
                return build->order->volume_id;
        return build->iso && build->iso->volume_id[0] != '\0' ? build->iso->volume_id
                                                              : ORDER_VOLUME_ID_DEFAULT;
}

void build_medium_nodes(
                const Build *build,
                MediumKind medium,
                const ConfigMedium *ret_nodes[static 3]) {
        size_t n = 0;

        if (build->order->format == ORDER_FORMAT_ISO)
                ret_nodes[n++] = &build->config.iso;
        if (build->order->format == ORDER_FORMAT_PXE || medium == MEDIUM_PXE)
                ret_nodes[n++] = &build->config.pxe;
        ret_nodes[n] = NULL;
}

static int add_arguments(char ***arguments, char *const *texts, Failure *reterr) {
        int r = 0;

        for (char *const *text = texts; text && *text && r >= 0; text++)
                r = cmdline_add_text(arguments, *text, reterr);
        return r;
}

int build_kernel_arguments(const Build *build, MediumKind menu, char ***ret, Failure *reterr) {
        _cleanup_strv_ char **arguments = NULL;
        const ConfigMedium *nodes[3];
        int r = add_arguments(
                        &arguments,
                        (char *const *) selinux_arguments(build->selinux),
                        reterr);

        if (r >= 0)
                r = add_arguments(&arguments, build->config.kernel_arguments, reterr);
        if (r >= 0)
                r = add_arguments(&arguments, build->saved.kernel_arguments, reterr);
        if (r >= 0 && menu == MEDIUM_PXE && build->fetches_downloads)
                r = cmdline_add_text(&arguments, DOWNLOAD_ARGUMENT, reterr);
        build_medium_nodes(build, menu, nodes);
        for (size_t i = 0; nodes[i] && r >= 0; i++)
                r = add_arguments(&arguments, nodes[i]->kernel_arguments, reterr);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(arguments);
        return 0;
}
