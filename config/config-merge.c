/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Merging by tables. The tree of the text that comes on top says what was given: a key that is not
 * there, null or empty leaves what is below. One merger per type of key.
 */

#include "config/config-merge.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-refuse.h"

typedef int (*ValueMerger)(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target,
                void *source);

/* ---- values: the members of `key` ---- */

static int merge_string(
                ConfigReading *reading _unused_,
                const YamlNode *node _unused_,
                const ConfigKey *key,
                void *target,
                void *source) {
        char **to = config_member(target, key->offset), **from = config_member(source, key->offset);

        if (!*from)
                return 0;
        free(*to);
        *to = TAKE_PTR(*from);
        return 0;
}

static int merge_bool(
                ConfigReading *reading _unused_,
                const YamlNode *node _unused_,
                const ConfigKey *key,
                void *target,
                void *source) {
        bool *to = config_member(target, key->offset);

        *to = *(bool *) config_member(source, key->offset);
        return 0;
}

static int merge_enum(
                ConfigReading *reading _unused_,
                const YamlNode *node,
                const ConfigKey *key,
                void *target,
                void *source) {
        int *to = config_member(target, key->offset);

        if (node->value[0] != '\0')
                *to = *(int *) config_member(source, key->offset);
        return 0;
}

static int merge_permissions(
                ConfigReading *reading _unused_,
                const YamlNode *node _unused_,
                const ConfigKey *key,
                void *target,
                void *source) {
        mode_t *to = config_member(target, key->offset);

        *to = *(mode_t *) config_member(source, key->offset);
        *(bool *) config_member(target, key->extra_offset) = true;
        return 0;
}

static int merge_number(
                ConfigReading *reading _unused_,
                const YamlNode *node _unused_,
                const ConfigKey *key,
                void *target,
                void *source) {
        int64_t *to = config_member(target, key->offset);

        *to = *(int64_t *) config_member(source, key->offset);
        *(bool *) config_member(target, key->extra_offset) = true;
        return 0;
}

/* ---- lists ---- */

static bool is_too_long(ConfigReading *reading, const YamlNode *node, size_t n) {
        if (n > CONFIG_MAX_ENTRIES)
                config_refuse(reading,
                              node,
                              "has, with the entries of the base configs, %zu entries, but at "
                              "most %d are supported",
                              n,
                              CONFIG_MAX_ENTRIES);
        return n > CONFIG_MAX_ENTRIES;
}

static int merge_strings(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target,
                void *source) {
        char ***to = config_member(target, key->offset);
        char **from = *(char ***) config_member(source, key->offset);

        if (is_too_long(reading, node, strv_length(*to) + strv_length(from)))
                return 0;
        return strv_append_all(to, from);
}

/* Of entries of `size` bytes, an array and its number. */
static int merge_array(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                size_t size,
                void *target,
                void *source) {
        char **to = config_member(target, key->offset), **from = config_member(source, key->offset);
        size_t *n_to = config_member(target, key->extra_offset);
        size_t *n_from = config_member(source, key->extra_offset);
        char *grown;

        if (*n_from == 0 || is_too_long(reading, node, *n_to + *n_from))
                return 0;
        grown = reallocarray(*to, *n_to + *n_from, size);
        if (!grown)
                return -ENOMEM;
        memcpy(grown + *n_to * size, *from, *n_from * size);
        *to = grown;
        *n_to += *n_from;
        *n_from = 0; /* what the entries own has moved */
        return 0;
}

static int merge_paths(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target,
                void *source) {
        return merge_array(reading, node, key, sizeof(ConfigPath), target, source);
}

static int merge_maps(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target,
                void *source) {
        return merge_array(reading, node, key, key->table->size, target, source);
}

static int merge_map(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target,
                void *source) {
        return config_merge_map(
                        reading,
                        node,
                        key->table,
                        config_member(target, key->offset),
                        config_member(source, key->offset));
}

static const ValueMerger mergers[] = {
        [CONFIG_STRING] = merge_string,
        [CONFIG_BOOL] = merge_bool,
        [CONFIG_ENUM] = merge_enum,
        [CONFIG_STRINGS] = merge_strings,
        [CONFIG_PATHS] = merge_paths,
        [CONFIG_PAIRS] = merge_strings,
        [CONFIG_PERMISSIONS] = merge_permissions,
        [CONFIG_NUMBER] = merge_number,
        [CONFIG_MAP] = merge_map,
        [CONFIG_MAPS] = merge_maps,
};

/* ---- mappings ---- */

static void merge_trace(const ConfigTable *table, void *target, void *source) {
        if (table->flag_offset != CONFIG_NOWHERE)
                *(bool *) config_member(target, table->flag_offset) = true;
        if (table->place_offset != CONFIG_NOWHERE)
                *(ConfigPlace *) config_member(target, table->place_offset) = *(
                                ConfigPlace *) config_member(source, table->place_offset);
}

int config_merge_map(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigTable *table,
                void *target,
                void *source) {
        int r = table->merge ? table->merge(reading, node, target, source) : 0;

        YAML_FOREACH(child, node) {
                const ConfigKey *key = config_table_find(table, child->key);

                if (r < 0)
                        return r;
                if (child->kind == YAML_NULL || key->offset == CONFIG_NOWHERE)
                        continue;
                assert(key->type < ELEMENTSOF(mergers) && mergers[key->type]);
                r = mergers[key->type](reading, child, key, target, source);
        }
        merge_trace(table, target, source);
        return r;
}
