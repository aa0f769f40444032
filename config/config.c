/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The config as a value: what follows from it, and its end. It comes from text by config-base.c. */

#include "config/config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-url.h"

InitramfsType config_initramfs_type(const Config *config, OrderFormat format) {
        const ConfigMedium *medium = format == ORDER_FORMAT_ISO ? &config->iso : &config->pxe;

        if (medium->initramfs_type != INITRAMFS_UNSET)
                return medium->initramfs_type;
        return format == ORDER_FORMAT_ISO ? INITRAMFS_BOOTSTRAP : INITRAMFS_FULL_OS;
}

ConfigKdump config_kdump(const Config *config, OrderFormat format) {
        const ConfigMedium *medium = format == ORDER_FORMAT_ISO ? &config->iso : &config->pxe;

        return (ConfigKdump) medium->kdump;
}

bool config_has_url(const ConfigMedium *pxe) {
        return pxe->bootstrap_file_url || pxe->bootstrap_base_url;
}

int config_bootstrap_url(
                const ConfigMedium *pxe,
                const char *iso_name,
                char **ret_url,
                char **ret_name) {
        _cleanup_free_ char *url = NULL, *name = NULL;

        if (pxe->bootstrap_file_url)
                name = config_url_name(pxe->bootstrap_file_url);
        else if (pxe->bootstrap_base_url && !pxe->base_url_is_legacy)
                name = strdup(ORDER_ISO_NAME_DEFAULT);
        else
                name = strdup(iso_name ? iso_name : ORDER_ISO_NAME_DEFAULT);
        if (!name)
                return -ENOMEM;
        if (pxe->bootstrap_file_url)
                url = strdup(pxe->bootstrap_file_url);
        else if (pxe->bootstrap_base_url)
                url = config_url_join(pxe->bootstrap_base_url, name);
        if (!url && config_has_url(pxe))
                return -ENOMEM;
        *ret_url = TAKE_PTR(url);
        *ret_name = TAKE_PTR(name);
        return 0;
}

bool config_needs_network(const Config *config) {
        return config->network || config_packages_need_network(&config->packages);
}

char *config_place_to_text(const Config *config, const ConfigPlace *place) {
        const char *name = place->file > 0 ? config->base_paths[place->file - 1] : NULL;

        return str_printf(
                        "line %" PRIu32 "%s%.200s",
                        place->line,
                        name ? " of " : "",
                        name ? name : "");
}

void config_file_done(ConfigFile *file) {
        free(file->destination);
        free(file->source);
        free(file->entry);
        free(file->content);
}

static void files_done(ConfigFile *files, size_t n) {
        for (size_t i = 0; i < n; i++)
                config_file_done(&files[i]);
        free(files);
}

static void bases_done(ConfigBase *bases, size_t n) {
        for (size_t i = 0; i < n; i++)
                free(bases[i].path);
        free(bases);
}

static void scripts_done(ConfigScript *scripts, size_t n) {
        for (size_t i = 0; i < n; i++) {
                free(scripts[i].path);
                free(scripts[i].entry);
                free(scripts[i].content);
                free(scripts[i].interpreter);
                strv_free(scripts[i].arguments);
                strv_free(scripts[i].environment);
                free(scripts[i].name);
        }
        free(scripts);
}

void config_download_done(ConfigDownload *download) {
        free(download->url);
        free(download->sha256);
        free(download->destination);
}

static void downloads_done(ConfigDownload *downloads, size_t n) {
        for (size_t i = 0; i < n; i++)
                config_download_done(&downloads[i]);
        free(downloads);
}

static void medium_done(ConfigMedium *medium) {
        strv_free(medium->kernel_arguments);
        files_done(medium->files, medium->n_files);
        downloads_done(medium->downloads, medium->n_downloads);
        free(medium->bootstrap_base_url);
        free(medium->bootstrap_file_url);
}

void config_done(Config *config) {
        medium_done(&config->iso);
        medium_done(&config->pxe);
        free(config->hostname);
        strv_free(config->kernel_arguments);
        files_done(config->files, config->n_files);
        config_packages_done(&config->packages);
        strv_free(config->services_enable);
        strv_free(config->services_disable);
        config_groups_free(config->groups, config->n_groups);
        config_users_free(config->users, config->n_users);
        config_dirs_free(config->dirs, config->n_dirs);
        config_modules_free(config->modules, config->n_modules);
        config_overlays_free(config->overlays, config->n_overlays);
        scripts_done(config->scripts, config->n_scripts);
        scripts_done(config->final_scripts, config->n_final_scripts);
        free(config->image_path);
        free(config->output_path);
        free(config->output_format);
        bases_done(config->bases, config->n_bases);
        strv_free(config->base_paths);
        *config = (Config){};
}
