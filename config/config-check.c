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

/* ---- what the type of the initramfs allows ---- */

#define OR_AN_ISO ", unless the image is an ISO of the type bootstrap"

/* What is judged, and by which type: UNSET when only whoever reads the image knows. */
typedef struct Case {
        const Config *config;
        const Order *order;
        ConfigImage image;
        const char *node; /* that says the type, or does not */
        bool is_said;
        InitramfsType type;
} Case;

static bool makes_pxe(const Order *order) {
        return order->format == ORDER_FORMAT_PXE || order->pxe_artifacts;
}

static Case case_of(const Config *config, const Order *order, ConfigImage image) {
        bool is_iso = order->format == ORDER_FORMAT_ISO;
        const ConfigMedium *medium = is_iso ? &config->iso : &config->pxe;
        InitramfsType by_default = config_initramfs_type(config, order->format);
        const InitramfsType unsaid[] = {
                [CONFIG_IMAGE_NONE] = by_default,
                [CONFIG_IMAGE_DISK] = by_default,
                [CONFIG_IMAGE_MAYBE_ISO] = INITRAMFS_UNSET,
                [CONFIG_IMAGE_ISO_BOOTSTRAP] = INITRAMFS_BOOTSTRAP,
                [CONFIG_IMAGE_ISO_FULL_OS] = INITRAMFS_FULL_OS,
        };
        bool is_said = medium->initramfs_type != INITRAMFS_UNSET;

        return (Case){
                .config = config,
                .order = order,
                .image = image,
                .node = is_iso ? "iso" : "pxe",
                .is_said = is_said,
                .type = is_said ? medium->initramfs_type : unsaid[image],
        };
}

static bool fetches_without_url(const Case *c) {
        return makes_pxe(c->order) && c->type == INITRAMFS_BOOTSTRAP &&
               !config_has_url(&c->config->pxe);
}

static bool is_url_in_vain(const Case *c) {
        return makes_pxe(c->order) && c->type == INITRAMFS_FULL_OS && c->config->pxe.url_key;
}

static bool is_selinux_in_vain(const Case *c) {
        return c->config->selinux.mode > SELINUX_DISABLED && c->type == INITRAMFS_FULL_OS;
}

bool config_asks_image(const Config *config, const Order *order) {
        const Case c = case_of(config, order, CONFIG_IMAGE_DISK);

        return fetches_without_url(&c) ||
               (!c.is_said && (is_url_in_vain(&c) || is_selinux_in_vain(&c)));
}

/* An ISO may remember a URL, which its reader knows. */
static void check_url(const Case *c, Diagnostics *diagnostics) {
        bool is_disk = c->image == CONFIG_IMAGE_DISK;

        if (!fetches_without_url(c) || (!is_disk && c->image != CONFIG_IMAGE_NONE))
                return;
        diagnostics_add_at(
                        diagnostics,
                        is_disk ? REPORT_ERROR : REPORT_WARNING,
                        &c->config->pxe.place,
                        "pxe.bootstrapBaseUrl: is missing, but with the initramfs type bootstrap a "
                        "machine that boots over the network has to fetch the ISO; set it or "
                        "bootstrapFileUrl, or set %s.initramfsType to full-os%s",
                        c->node,
                        is_disk ? "" : ", unless the image is an ISO that remembers a URL");
}

/* No file may stand in the ISO's place. */
static int check_iso_name(const Case *c, Diagnostics *diagnostics) {
        _cleanup_free_ char *url = NULL, *name = NULL;
        int r;

        if (!makes_pxe(c->order) || c->type != INITRAMFS_BOOTSTRAP)
                return 0;
        r = config_bootstrap_url(&c->config->pxe, c->order->iso_name, &url, &name);
        if (r < 0)
                return r;
        if (url || c->image == CONFIG_IMAGE_DISK)
                (void) config_check_iso_name(c->config, c->order, name, diagnostics);
        return 0;
}

/* A type that the image decides may be the other one. */
static bool may_be_bootstrap(const Case *c) {
        return c->image == CONFIG_IMAGE_NONE && !c->is_said && c->order->format == ORDER_FORMAT_PXE;
}

/* An explicit full-os beside a URL was refused when the config was parsed; left are a PXE side that
 * does not say, and an ISO whose type counts for the PXE tree. */
static void check_url_in_vain(const Case *c, Diagnostics *diagnostics) {
        const char *why =
                        c->order->format == ORDER_FORMAT_ISO
                                        ? "with an ISO of the initramfs type full-os, whose PXE "
                                          "tree fetches nothing"
                        : c->image == CONFIG_IMAGE_ISO_FULL_OS
                                        ? "without an initramfsType, as the image is an ISO of the "
                                          "type full-os, which fetches nothing"
                                        : "without an initramfsType, as that means full-os, which "
                                          "fetches nothing";

        if (!is_url_in_vain(c))
                return;
        diagnostics_add_at(
                        diagnostics,
                        may_be_bootstrap(c) ? REPORT_WARNING : REPORT_ERROR,
                        &c->config->pxe.url_place,
                        "pxe.%s: cannot be given %s; remove it or set %s.initramfsType to bootstrap%s",
                        c->config->pxe.url_key,
                        why,
                        c->node,
                        may_be_bootstrap(c) ? OR_AN_ISO : "");
}

/* An initramfs has no labels for a policy to go by. */
static void check_selinux(const Case *c, Diagnostics *diagnostics) {
        if (!is_selinux_in_vain(c))
                return;
        diagnostics_add_at(
                        diagnostics,
                        may_be_bootstrap(c) ? REPORT_WARNING : REPORT_ERROR,
                        &c->config->selinux.place,
                        "os.selinux.mode: SELinux cannot be on in a Live OS of the initramfs type "
                        "full-os, as an initramfs carries no labels; set it to disabled, or set "
                        "%s.initramfsType to bootstrap%s",
                        c->node,
                        may_be_bootstrap(c) ? OR_AN_ISO : "");
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

int config_check_output_format(const Config *config, Diagnostics *diagnostics) {
        static const char *const live[] = { "iso", "pxe-dir", "pxe-tar", "pxe" };

        for (size_t i = 0; i < ELEMENTSOF(live); i++)
                if (!config->output_format || str_equal(config->output_format, live[i]))
                        return diagnostics_result(diagnostics);
        diagnostics_add_at(
                        diagnostics,
                        REPORT_ERROR,
                        &config->output_place,
                        "output.image.format: \"%s\" is a disk image, and what is made is a Live OS; "
                        "set it to iso, pxe-dir or pxe-tar, or say one of them with "
                        "--output-image-format",
                        config->output_format);
        return diagnostics_result(diagnostics);
}

int config_check(
                const Config *config,
                const Order *order,
                ConfigImage image,
                Diagnostics *diagnostics) {
        const Case c = case_of(config, order, image);
        int r;

        check_kernel_arguments(config, order, diagnostics);
        check_selinux(&c, diagnostics);
        check_packages(&config->packages, diagnostics);
        check_url(&c, diagnostics);
        check_url_in_vain(&c, diagnostics);
        r = check_iso_name(&c, diagnostics);
        if (r < 0)
                return r;
        diagnostics_sort(diagnostics);
        return diagnostics_result(diagnostics);
}
