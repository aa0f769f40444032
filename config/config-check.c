/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Judging a config for what is to be made. A config may hold an ISO and a PXE side for two builds;
 * only the side that this build uses is judged here.
 */

#include "config/config.h"

#include <string.h>

#include "common/strings.h"

/* The nodes that say what goes on a PXE tree; NULL-terminated. An ISO with PXE artifacts puts its own
 * files there too. */
static void used_nodes(
                const Config *config,
                const Order *order,
                const ConfigMedium *ret_nodes[static 3],
                const char *ret_names[static 3]) {
        size_t n = 0;

        if (order->format == ORDER_FORMAT_ISO) {
                ret_nodes[n] = &config->iso;
                ret_names[n++] = "iso";
        }
        if (order->format == ORDER_FORMAT_PXE || order->pxe_artifacts) {
                ret_nodes[n] = &config->pxe;
                ret_names[n++] = "pxe";
        }
        ret_nodes[n] = NULL;
}

static size_t count_bytes(char *const *arguments) {
        size_t bytes = 0;

        STRV_FOREACH(argument, arguments)
                bytes += strlen(*argument) + 1;
        return bytes;
}

/* What was judged one list at a time must also fit together. */
static void check_kernel_arguments(
                const Config *config,
                const Order *order,
                Diagnostics *diagnostics) {
        size_t bytes = count_bytes(config->kernel_arguments);
        const ConfigMedium *nodes[3];
        const char *names[3];

        used_nodes(config, order, nodes, names);
        for (size_t i = 0; nodes[i]; i++) {
                bytes += count_bytes(nodes[i]->kernel_arguments);
                if (bytes <= CONFIG_MAX_KERNEL_BYTES)
                        continue;
                diagnostics_add_at(
                                diagnostics,
                                REPORT_ERROR,
                                &nodes[i]->place,
                                "%s.kernelCommandLine.extraCommandLine: has, with the arguments of "
                                "the other nodes that this build uses, %zu bytes, but at most %d "
                                "fit the kernel command line",
                                names[i],
                                bytes,
                                CONFIG_MAX_KERNEL_BYTES);
                return;
        }
}

int config_check_iso_name(
                const Config *config,
                const Order *order,
                const char *iso_name,
                Diagnostics *diagnostics) {
        const ConfigMedium *nodes[3];
        const char *names[3];

        used_nodes(config, order, nodes, names);
        for (size_t k = 0; nodes[k]; k++)
                for (size_t i = 0; i < nodes[k]->n_files; i++) {
                        const ConfigFile *file = &nodes[k]->files[i];

                        if (strcasecmp(file->destination, iso_name) == 0)
                                diagnostics_add_at(
                                                diagnostics,
                                                REPORT_ERROR,
                                                &file->place,
                                                "%s.additionalFiles[%zu].destination: \"%s\" is "
                                                "the place of the ISO that is fetched; choose "
                                                "another",
                                                names[k],
                                                i,
                                                file->destination);
                }
        return diagnostics_result(diagnostics);
}

static bool makes_pxe(const Order *order) {
        return order->format == ORDER_FORMAT_PXE || order->pxe_artifacts;
}

bool config_lacks_url(const Config *config, const Order *order) {
        return makes_pxe(order) &&
               config_initramfs_type(config, order->format) == INITRAMFS_BOOTSTRAP &&
               !config->pxe.bootstrap_base_url && !config->pxe.bootstrap_file_url;
}

static void refuse_no_url(
                const Config *config,
                const Order *order,
                ConfigImage image,
                Diagnostics *diagnostics) {
        diagnostics_add_at(
                        diagnostics,
                        image == CONFIG_IMAGE_DISK ? REPORT_ERROR : REPORT_WARNING,
                        &config->pxe.place,
                        "pxe.bootstrapBaseUrl: is missing, but with the initramfs type bootstrap a "
                        "machine that boots over the network has to fetch the ISO; set it or "
                        "bootstrapFileUrl, or set %s.initramfsType to full-os%s",
                        order->format == ORDER_FORMAT_ISO ? "iso" : "pxe",
                        image == CONFIG_IMAGE_DISK
                                        ? ""
                                        : ", unless the image is an ISO that remembers a URL");
}

/* The initramfs fetches the ISO: it needs a URL, and no file may stand in the ISO's place. */
static int check_bootstrap(
                const Config *config,
                const Order *order,
                ConfigImage image,
                Diagnostics *diagnostics) {
        _cleanup_free_ char *url = NULL, *name = NULL;
        int r = config_bootstrap_url(config, order->iso_name, &url, &name);

        if (r < 0)
                return r;
        if (!url && image != CONFIG_IMAGE_MAYBE_ISO)
                refuse_no_url(config, order, image, diagnostics);
        if (url || image == CONFIG_IMAGE_DISK)
                (void) config_check_iso_name(config, order, name, diagnostics);
        return 0;
}

/* An explicit full-os beside a URL was refused when the config was parsed; left are a PXE side that
 * does not say, and an ISO whose type counts for the PXE tree. */
static void check_full_os(const Config *config, const Order *order, Diagnostics *diagnostics) {
        bool is_iso = order->format == ORDER_FORMAT_ISO;

        if (!config->pxe.url_key)
                return;
        diagnostics_add_at(
                        diagnostics,
                        REPORT_ERROR,
                        &config->pxe.url_place,
                        is_iso ? "pxe.%s: cannot be given with an ISO of the initramfs type "
                                 "full-os, whose PXE tree fetches nothing; remove it or set "
                                 "iso.initramfsType to bootstrap"
                               : "pxe.%s: cannot be given without an initramfsType, as that means "
                                 "full-os, which fetches nothing; remove it or set "
                                 "pxe.initramfsType to bootstrap",
                        config->pxe.url_key);
}

/* An initramfs has no labels for a policy to go by. */
static void check_selinux(const Config *config, const Order *order, Diagnostics *diagnostics) {
        if (config->selinux.mode <= SELINUX_DISABLED ||
            config_initramfs_type(config, order->format) != INITRAMFS_FULL_OS)
                return;
        diagnostics_add_at(
                        diagnostics,
                        REPORT_ERROR,
                        &config->selinux.place,
                        "os.selinux.mode: SELinux cannot be on in a Live OS of the initramfs type "
                        "full-os, as an initramfs carries no labels; set it to disabled, or set "
                        "%s.initramfsType to bootstrap",
                        order->format == ORDER_FORMAT_ISO ? "iso" : "pxe");
}

/* Here, as the sources may come from the command line. */
static void check_packages(const ConfigPackages *packages, Diagnostics *diagnostics) {
        if (!packages->disable_image_repositories || packages->n_sources > 0 ||
            !config_packages_use_repositories(packages))
                return;
        diagnostics_add_at(
                        diagnostics,
                        REPORT_ERROR,
                        &packages->place,
                        "os.packages.disableImageRepositories: leaves nothing to install or update "
                        "from; name sources, or leave it out");
}

int config_check(
                const Config *config,
                const Order *order,
                ConfigImage image,
                Diagnostics *diagnostics) {
        int r = 0;

        check_kernel_arguments(config, order, diagnostics);
        check_selinux(config, order, diagnostics);
        check_packages(&config->packages, diagnostics);
        if (makes_pxe(order)) {
                if (config_initramfs_type(config, order->format) == INITRAMFS_BOOTSTRAP)
                        r = check_bootstrap(config, order, image, diagnostics);
                else
                        check_full_os(config, order, diagnostics);
        }
        if (r < 0)
                return r;
        diagnostics_sort(diagnostics);
        return diagnostics_result(diagnostics);
}
