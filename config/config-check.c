/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Judging a config for what is to be made. A config may hold an ISO and a PXE side for two builds;
 * only the side that this build uses is judged here.
 */

#include "config/config.h"

#include <errno.h>
#include <string.h>

/* The initramfs fetches the ISO: it needs a URL, and no file may stand in the ISO's place. */
static int check_bootstrap(const Config *config, const Order *order, Diagnostics *diagnostics) {
        const ConfigMedium *used = order->format == ORDER_FORMAT_ISO ? &config->iso : &config->pxe;
        const char *node = order->format == ORDER_FORMAT_ISO ? "iso" : "pxe";
        _cleanup_free_ char *url = NULL, *name = NULL;
        int r = config_bootstrap_url(config, order->iso_name, &url, &name);

        if (r < 0)
                return r;
        if (!url)
                diagnostics_add(diagnostics,
                                REPORT_ERROR,
                                config->pxe.place.line,
                                config->pxe.place.column,
                                "pxe.bootstrapBaseUrl: is missing, but with the initramfs type "
                                "bootstrap a machine that boots over the network has to fetch the "
                                "ISO; set it or bootstrapFileUrl, or set %s.initramfsType to "
                                "full-os",
                                node);
        for (size_t i = 0; i < used->n_files; i++)
                if (strcasecmp(used->files[i].destination, name) == 0)
                        diagnostics_add(diagnostics,
                                        REPORT_ERROR,
                                        used->files[i].place.line,
                                        used->files[i].place.column,
                                        "%s.additionalFiles[%zu].destination: \"%s\" is the place "
                                        "of the ISO that is fetched; choose another",
                                        node,
                                        i,
                                        used->files[i].destination);
        return 0;
}

/* An explicit full-os beside a URL was refused when the config was parsed; left are a PXE side that
 * does not say, and an ISO whose type counts for the PXE tree. */
static void check_full_os(const Config *config, const Order *order, Diagnostics *diagnostics) {
        bool is_iso = order->format == ORDER_FORMAT_ISO;

        if (!config->pxe.url_key)
                return;
        diagnostics_add(diagnostics,
                        REPORT_ERROR,
                        config->pxe.url_place.line,
                        config->pxe.url_place.column,
                        is_iso ? "pxe.%s: cannot be given with an ISO of the initramfs type "
                                 "full-os, whose PXE tree fetches nothing; remove it or set "
                                 "iso.initramfsType to bootstrap"
                               : "pxe.%s: cannot be given without an initramfsType, as that means "
                                 "full-os, which fetches nothing; remove it or set "
                                 "pxe.initramfsType to bootstrap",
                        config->pxe.url_key);
}

int config_check(const Config *config, const Order *order, Diagnostics *diagnostics) {
        int r = 0;

        if (order->format == ORDER_FORMAT_PXE || order->pxe_artifacts) {
                if (config_initramfs_type(config, order->format) == INITRAMFS_BOOTSTRAP)
                        r = check_bootstrap(config, order, diagnostics);
                else
                        check_full_os(config, order, diagnostics);
        }
        if (r < 0)
                return r;
        diagnostics_sort(diagnostics);
        return diagnostics_result(diagnostics);
}
