/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The config as a value: what follows from it, and its end. It comes from text by config-base.c. */

#include "config/config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-sources.h"
#include "config/config-url.h"
#include "config/context.h"

/* A file that the config names. */
typedef struct Source {
        const char *path;
        char **entry; /* where its name in the context belongs */
        ConfigPlace place;
} Source;

static int compare_sources(const void *a, const void *b) {
        const Source *x = a, *y = b;

        if (x->place.file != y->place.file)
                return x->place.file < y->place.file ? -1 : 1;
        if (x->place.line != y->place.line)
                return x->place.line < y->place.line ? -1 : 1;
        if (x->place.column != y->place.column)
                return x->place.column < y->place.column ? -1 : 1;
        return 0;
}

static void add_files(Source *sources, size_t *n, ConfigFile *files, size_t n_files) {
        for (size_t i = 0; i < n_files; i++)
                if (files[i].source)
                        sources[(*n)++] = (Source){
                                .path = files[i].source,
                                .entry = &files[i].entry,
                                .place = files[i].place,
                        };
}

/* All of them in the order of the text. Caller frees. NULL when memory is out. */
static Source *list_sources(const Config *config, size_t *ret_n) {
        size_t n_max = config->n_files + config->iso.n_files + config->pxe.n_files +
                       config->n_scripts;
        Source *sources = calloc(n_max + 1, sizeof(Source));
        size_t n = 0;

        if (!sources)
                return NULL;
        add_files(sources, &n, config->files, config->n_files);
        add_files(sources, &n, config->iso.files, config->iso.n_files);
        add_files(sources, &n, config->pxe.files, config->pxe.n_files);
        for (size_t i = 0; i < config->n_scripts; i++)
                if (config->scripts[i].path)
                        sources[n++] = (Source){
                                .path = config->scripts[i].path,
                                .entry = &config->scripts[i].entry,
                                .place = config->scripts[i].place,
                        };
        qsort(sources, n, sizeof(Source), compare_sources);
        *ret_n = n;
        return sources;
}

/* A path that is written twice, or in two spellings of one place,
 * has one name; the numbers in names count what config_sources() will list. */
int config_name_sources(Config *config) {
        _cleanup_free_ Source *sources = NULL;
        size_t n, n_distinct = 0;

        sources = list_sources(config, &n);
        if (!sources)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const char *same = NULL;
                char *entry;

                for (size_t k = 0; k < i && !same; k++)
                        if (str_equal(sources[k].path, sources[i].path))
                                same = *sources[k].entry;
                entry = same ? strdup(same) : context_entry_name(sources[i].path, n_distinct);
                if (!entry)
                        return -ENOMEM;
                *sources[i].entry = entry;
                for (size_t k = 0; k < i && !same; k++)
                        if (str_equal(*sources[k].entry, entry))
                                same = *sources[k].entry;
                if (!same)
                        n_distinct++;
        }
        return 0;
}

InitramfsType config_initramfs_type(const Config *config, OrderFormat format) {
        const ConfigMedium *medium = format == ORDER_FORMAT_ISO ? &config->iso : &config->pxe;

        if (medium->initramfs_type != INITRAMFS_UNSET)
                return medium->initramfs_type;
        return format == ORDER_FORMAT_ISO ? INITRAMFS_BOOTSTRAP : INITRAMFS_FULL_OS;
}

int config_bootstrap_url(
                const Config *config,
                const char *iso_name,
                char **ret_url,
                char **ret_name) {
        const ConfigMedium *pxe = &config->pxe;
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
        if (!url && (pxe->bootstrap_file_url || pxe->bootstrap_base_url))
                return -ENOMEM;
        *ret_url = TAKE_PTR(url);
        *ret_name = TAKE_PTR(name);
        return 0;
}

int config_sources(const Config *config, char ***ret_paths, char ***ret_entries) {
        _cleanup_strv_ char **paths = NULL, **entries = NULL;
        _cleanup_free_ Source *sources = NULL;
        size_t n;

        sources = list_sources(config, &n);
        if (!sources)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                if (strv_contains(entries, *sources[i].entry))
                        continue;
                if (strv_append(&paths, sources[i].path) < 0 ||
                    strv_append(&entries, *sources[i].entry) < 0)
                        return -ENOMEM;
        }
        *ret_paths = TAKE_PTR(paths);
        *ret_entries = TAKE_PTR(entries);
        return 0;
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

static void medium_done(ConfigMedium *medium) {
        strv_free(medium->kernel_arguments);
        files_done(medium->files, medium->n_files);
        free(medium->bootstrap_base_url);
        free(medium->bootstrap_file_url);
}

void config_done(Config *config) {
        medium_done(&config->iso);
        medium_done(&config->pxe);
        free(config->hostname);
        strv_free(config->kernel_arguments);
        files_done(config->files, config->n_files);
        strv_free(config->services_enable);
        strv_free(config->services_disable);
        scripts_done(config->scripts, config->n_scripts);
        free(config->image_path);
        free(config->output_path);
        free(config->output_format);
        bases_done(config->bases, config->n_bases);
        strv_free(config->base_paths);
        *config = (Config){};
}
