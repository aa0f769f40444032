/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rules between a config and its base configs. Both sides are good in themselves. */

#include "config/config-merge-rules.h"

#include <inttypes.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-rules.h"

/* "line 7 of base.yaml" for who reads of both. */
static char *place_to_text(const ConfigReading *reading, const ConfigPlace *place) {
        const char *name = diagnostics_file_name(reading->diagnostics, place->file);

        return str_printf(
                        "line %" PRIu32 " of %.200s",
                        place->line,
                        name ? name : "the config itself");
}

/* ---- services ---- */

static void remove_unit(char **list, const char *unit) {
        char **to = list;

        for (char **from = list; from && *from; from++) {
                if (config_is_same_unit(*from, unit))
                        free(*from);
                else
                        *to++ = *from;
        }
        if (to)
                *to = NULL;
}

int config_merge_services(
                ConfigReading *reading _unused_,
                const YamlNode *node _unused_,
                void *target,
                void *source) {
        Config *below = target, *above = source;

        STRV_FOREACH(unit, above->services_enable)
                remove_unit(below->services_disable, *unit);
        STRV_FOREACH(unit, above->services_disable)
                remove_unit(below->services_enable, *unit);
        return 0;
}

/* ---- files ---- */

typedef struct Files {
        ConfigFile **list;
        size_t *n;
        bool ignore_case;
} Files;

static bool lies_below(const char *path, const char *file, bool ignore_case) {
        size_t n = strlen(file);
        int order = ignore_case ? strncasecmp(path, file, n) : strncmp(path, file, n);

        return order == 0 && path[n] == '/';
}

static void refuse_both(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigFile *below,
                const ConfigFile *above) {
        _cleanup_free_ char *where = place_to_text(reading, &below->place);

        diagnostics_add_at(
                        reading->diagnostics,
                        REPORT_ERROR,
                        &above->place,
                        "%s.additionalFiles: \"%.100s\" and \"%.100s\" in %s cannot both be files, as "
                        "one lies below the other; choose another",
                        node->key,
                        above->destination,
                        below->destination,
                        where ? where : "another line");
}

static void file_replace(Files *files, size_t index) {
        config_file_done(&(*files->list)[index]);
        memmove(*files->list + index,
                *files->list + index + 1,
                (--*files->n - index) * sizeof(ConfigFile));
}

static void merge_files(
                ConfigReading *reading,
                const YamlNode *node,
                Files *below,
                const Files *above) {
        for (size_t i = 0; i < *above->n; i++) {
                const ConfigFile *file = &(*above->list)[i];

                for (size_t k = *below->n; k > 0; k--) {
                        const ConfigFile *old = &(*below->list)[k - 1];
                        const char *a = file->destination, *b = old->destination;
                        bool ignore_case = below->ignore_case;

                        if (ignore_case ? strcasecmp(a, b) == 0 : str_equal(a, b))
                                file_replace(below, k - 1);
                        else if (lies_below(a, b, ignore_case) || lies_below(b, a, ignore_case))
                                refuse_both(reading, node, old, file);
                }
        }
}

int config_merge_os(ConfigReading *reading, const YamlNode *node, void *target, void *source) {
        Config *below = target, *above = source;

        merge_files(reading,
                    node,
                    &(Files){ &below->files, &below->n_files, false },
                    &(Files){ &above->files, &above->n_files, false });
        return 0;
}

int config_merge_medium(ConfigReading *reading, const YamlNode *node, void *target, void *source) {
        ConfigMedium *below = target, *above = source;

        merge_files(reading,
                    node,
                    &(Files){ &below->files, &below->n_files, true },
                    &(Files){ &above->files, &above->n_files, true });
        return 0;
}

/* ---- URLs ---- */

static void refuse_url(
                ConfigReading *reading,
                const ConfigMedium *below,
                const ConfigMedium *above) {
        _cleanup_free_ char *where = place_to_text(reading, &below->url_place);

        diagnostics_add_at(
                        reading->diagnostics,
                        REPORT_ERROR,
                        &above->url_place,
                        "pxe.%s: cannot stand beside \"%s\" in %s, as there is one ISO to fetch; keep "
                        "one of them",
                        above->url_key,
                        below->url_key,
                        where ? where : "another line");
}

static void refuse_full_os(
                ConfigReading *reading,
                const ConfigMedium *with_url,
                const ConfigMedium *with_type,
                const ConfigPlace *place) {
        const ConfigPlace *other = place == &with_url->url_place ? &with_type->place
                                                                 : &with_url->url_place;
        _cleanup_free_ char *where = place_to_text(reading, other);

        diagnostics_add_at(
                        reading->diagnostics,
                        REPORT_ERROR,
                        place,
                        "pxe: \"%s\" cannot be given with \"initramfsType: full-os\", which fetches "
                        "nothing; the one is here, the other in %s; keep one of them",
                        with_url->url_key,
                        where ? where : "another line");
}

static void judge_full_os(ConfigReading *reading, ConfigMedium *below, ConfigMedium *above) {
        const ConfigMedium *with_type = above->initramfs_type != INITRAMFS_UNSET ? above : below;
        const ConfigMedium *with_url = above->url_key ? above : below;

        if (with_type->initramfs_type != INITRAMFS_FULL_OS || !with_url->url_key ||
            with_type == with_url)
                return;
        refuse_full_os(reading,
                       with_url,
                       with_type,
                       with_url == above ? &above->url_place : &above->place);
}

int config_merge_pxe(ConfigReading *reading, const YamlNode *node, void *target, void *source) {
        ConfigMedium *below = target, *above = source;

        judge_full_os(reading, below, above);
        if ((above->bootstrap_file_url && below->bootstrap_base_url) ||
            (above->bootstrap_base_url && below->bootstrap_file_url))
                refuse_url(reading, below, above);
        if (above->url_key) {
                below->url_key = above->url_key;
                below->url_place = above->url_place;
                below->base_url_is_legacy = above->base_url_is_legacy;
        }
        return config_merge_medium(reading, node, target, source);
}
