/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rules between a config and its base configs. Both sides are good in themselves. */

#include "config/config-merge-rules.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-rules.h"
#include "config/destination.h"

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

/* ---- files and downloads ---- */

/* A kind of entries that have a destination; `key` is the list's. */
typedef struct Kind {
        const char *key;
        size_t size;
        size_t destination;
        size_t place;
        void (*done)(void *entry);
        bool ignore_case;
} Kind;

static void done_file(void *entry) {
        config_file_done(entry);
}

static void done_download(void *entry) {
        config_download_done(entry);
}

#define KIND_OF(structure, ...)                                                             \
        {                                                                                   \
                .size = sizeof(structure), .destination = offsetof(structure, destination), \
                .place = offsetof(structure, place), __VA_ARGS__                            \
        }

static const Kind os_files = KIND_OF(ConfigFile, .key = "additionalFiles", .done = done_file);
static const Kind medium_files = KIND_OF(
                ConfigFile,
                .key = "additionalFiles",
                .done = done_file,
                .ignore_case = true);
static const Kind downloads = KIND_OF(ConfigDownload, .key = "downloads", .done = done_download);

typedef struct Files {
        void *list;
        size_t *n;
} Files;

static void *entry_at(const Files *files, const Kind *kind, size_t i) {
        return (char *) files->list + i * kind->size;
}

static const char *destination_of(const void *entry, const Kind *kind) {
        return *(char *const *) ((const char *) entry + kind->destination);
}

static const ConfigPlace *place_of(const void *entry, const Kind *kind) {
        return (const ConfigPlace *) ((const char *) entry + kind->place);
}

static void refuse_both(
                ConfigReading *reading,
                const YamlNode *node,
                const Kind *kind,
                const void *below,
                const void *above) {
        _cleanup_free_ char *where = place_to_text(reading, place_of(below, kind));

        diagnostics_add_at(
                        reading->diagnostics,
                        REPORT_ERROR,
                        place_of(above, kind),
                        "%s.%s: \"%.100s\" and \"%.100s\" in %s cannot both be files, as "
                        "one lies below the other; choose another",
                        node->key,
                        kind->key,
                        destination_of(above, kind),
                        destination_of(below, kind),
                        where ? where : "another line");
}

/* What is left of a list whose files were taken away. */
static void close_gaps(Files *files, const Kind *kind) {
        size_t kept = 0;

        for (size_t i = 0; i < *files->n; i++) {
                void *entry = entry_at(files, kind, i);

                if (destination_of(entry, kind))
                        memmove(entry_at(files, kind, kept++), entry, kind->size);
        }
        *files->n = kept;
}

/* `order` is 0 for a file below and 1 for one above; on each side a destination is there once. */
static void judge_clashes(
                ConfigReading *reading,
                const YamlNode *node,
                const Kind *kind,
                const Destination *sorted,
                size_t n) {
        const Destination *base = sorted;

        for (size_t i = 1; i < n; i++) {
                const Destination *next = &sorted[i];
                DestinationClash clash = destination_clash(base, next);

                if (clash == DESTINATION_APART)
                        base = next;
                else if (clash == DESTINATION_BELOW && base->order != next->order)
                        refuse_both(reading,
                                    node,
                                    kind,
                                    base->order == 0 ? base->of : next->of,
                                    base->order == 0 ? next->of : base->of);
        }
}

static void take_away_same(const Destination *sorted, size_t n, Files *below, const Kind *kind) {
        for (size_t i = 1; i < n; i++)
                if (destination_clash(&sorted[i - 1], &sorted[i]) == DESTINATION_SAME) {
                        size_t offset =
                                        (size_t) ((const char *) sorted[i - 1].of -
                                                  (const char *) below->list);
                        void *entry = entry_at(below, kind, offset / kind->size);

                        kind->done(entry);
                        memset(entry, 0, kind->size);
                }
        close_gaps(below, kind);
}

static void add_destinations(
                Destination *destinations,
                size_t *n,
                const Files *files,
                const Kind *kind,
                size_t order) {
        for (size_t i = 0; i < *files->n; i++) {
                const void *entry = entry_at(files, kind, i);

                destinations[(*n)++] = (Destination){
                        .path = destination_of(entry, kind),
                        .order = order,
                        .ignore_case = kind->ignore_case,
                        .of = entry,
                };
        }
}

static int merge_files(
                ConfigReading *reading,
                const YamlNode *node,
                const Kind *kind,
                Files below,
                Files above) {
        _cleanup_free_ Destination *sorted = calloc(*below.n + *above.n + 1, sizeof(Destination));
        size_t n = 0;

        if (!sorted)
                return -ENOMEM;
        add_destinations(sorted, &n, &below, kind, 0);
        add_destinations(sorted, &n, &above, kind, 1);
        destinations_sort(sorted, n);
        judge_clashes(reading, node, kind, sorted, n);
        take_away_same(sorted, n, &below, kind);
        return 0;
}

int config_merge_os(ConfigReading *reading, const YamlNode *node, void *target, void *source) {
        Config *below = target, *above = source;

        return merge_files(
                        reading,
                        node,
                        &os_files,
                        (Files){ below->files, &below->n_files },
                        (Files){ above->files, &above->n_files });
}

int config_merge_medium(ConfigReading *reading, const YamlNode *node, void *target, void *source) {
        ConfigMedium *below = target, *above = source;

        return merge_files(
                        reading,
                        node,
                        &medium_files,
                        (Files){ below->files, &below->n_files },
                        (Files){ above->files, &above->n_files });
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
        int r;

        judge_full_os(reading, below, above);
        if ((above->bootstrap_file_url && below->bootstrap_base_url) ||
            (above->bootstrap_base_url && below->bootstrap_file_url))
                refuse_url(reading, below, above);
        if (above->url_key) {
                below->url_key = above->url_key;
                below->url_place = above->url_place;
                below->base_url_is_legacy = above->base_url_is_legacy;
        }
        r = merge_files(reading,
                        node,
                        &downloads,
                        (Files){ below->downloads, &below->n_downloads },
                        (Files){ above->downloads, &above->n_downloads });
        return r < 0 ? r : config_merge_medium(reading, node, target, source);
}
