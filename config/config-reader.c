/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reading a YAML tree by tables: lists and mappings, down to the scalars. One reader per type of key; a new
 * key is a line in a table and needs nothing here.
 */

#include "config/config-reader.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-refuse.h"
#include "config/config-scalar.h"

typedef int (*ValueReader)(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target);

/* Where it is written: at its key, or, of an entry of a list, where it begins. */
static ConfigPlace place_of(const ConfigReading *reading, const YamlNode *node) {
        return (ConfigPlace){
                .line = node->key_line > 0 ? node->key_line : node->line,
                .column = node->key_line > 0 ? node->key_column : node->column,
                .file = reading->diagnostics->file,
        };
}

static bool check_number_of_entries(ConfigReading *reading, const YamlNode *node) {
        if (node->n_children > CONFIG_MAX_ENTRIES)
                config_refuse(reading,
                              node,
                              "has %zu entries, but at most %d are supported",
                              node->n_children,
                              CONFIG_MAX_ENTRIES);
        return node->n_children <= CONFIG_MAX_ENTRIES;
}

static bool check_list(ConfigReading *reading, const YamlNode *node) {
        if (node->kind != YAML_LIST) {
                (void) config_refuse_type(
                                reading,
                                node,
                                "a list, each entry on a line that begins with \"- \"");
                return false;
        }
        return check_number_of_entries(reading, node);
}

static int read_strings(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        _cleanup_strv_ char **list = NULL;

        if (!check_list(reading, node))
                return 0;
        YAML_FOREACH(child, node) {
                char *value;
                int r = config_scalar_text(reading, child, key, &value);

                if (r < 0)
                        return r;
                if (value && strv_append_take(&list, value) < 0)
                        return -ENOMEM;
        }
        if (key->offset != CONFIG_NOWHERE)
                *(char ***) config_member(target, key->offset) = TAKE_PTR(list);
        return 0;
}

/* Like read_maps(): array and list go side by side. */
static int read_paths(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        ConfigPath *paths;
        int r = 0;

        if (!check_list(reading, node) || node->n_children == 0)
                return 0;
        paths = calloc(node->n_children, sizeof(ConfigPath));
        if (!paths)
                return -ENOMEM;
        *(ConfigPath **) config_member(target, key->offset) = paths;
        *(size_t *) config_member(target, key->extra_offset) = node->n_children;
        YAML_FOREACH(child, node) {
                paths[child->index].place = place_of(reading, child);
                if (r >= 0)
                        r = config_scalar_text(reading, child, key, &paths[child->index].path);
        }
        return r;
}

static int read_pair(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                char ***list) {
        _cleanup_free_ char *name = strdup(node->key);
        Failure failure = {};

        if (!name)
                return -ENOMEM;
        if (key->check(&name, &failure) < 0) {
                config_refuse_key(reading, node, "%s", failure.message);
                return 0;
        }
        if (node->kind == YAML_LIST || node->kind == YAML_MAP)
                return config_refuse_type(reading, node, "text");
        return strv_append_take(list, str_printf("%s=%s", name, node->value ? node->value : ""));
}

static int read_pairs(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        _cleanup_strv_ char **list = NULL;

        if (node->kind != YAML_MAP)
                return config_refuse_type(reading, node, "a mapping (NAME: value)");
        if (!check_number_of_entries(reading, node))
                return 0;
        YAML_FOREACH(child, node) {
                int r = read_pair(reading, child, key, &list);

                if (r < 0)
                        return r;
        }
        *(char ***) config_member(target, key->offset) = TAKE_PTR(list);
        return 0;
}

static int read_map(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        return config_read_map(reading, node, key->table, config_member(target, key->offset));
}

/* An entry that is no mapping stays zeroed in the array, so that array and list go side by side. */
static int read_maps(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        char *array;
        int r = 0;

        if (!check_list(reading, node) || node->n_children == 0)
                return 0;
        array = calloc(node->n_children, key->table->size);
        if (!array)
                return -ENOMEM;
        *(void **) config_member(target, key->offset) = array;
        *(size_t *) config_member(target, key->extra_offset) = node->n_children;
        YAML_FOREACH(child, node) {
                if (r >= 0)
                        r = config_read_map(
                                        reading,
                                        child,
                                        key->table,
                                        array + child->index * key->table->size);
        }
        return r;
}

static int read_refused(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target _unused_) {
        config_refuse_key(reading, node, "%s", key->reason);
        return 0;
}

static const ValueReader readers[] = {
        [CONFIG_STRING] = config_scalar_string,
        [CONFIG_BOOL] = config_scalar_bool,
        [CONFIG_ENUM] = config_scalar_enum,
        [CONFIG_STRINGS] = read_strings,
        [CONFIG_PATHS] = read_paths,
        [CONFIG_PAIRS] = read_pairs,
        [CONFIG_PERMISSIONS] = config_scalar_permissions,
        [CONFIG_NUMBER] = config_scalar_number,
        [CONFIG_MAP] = read_map,
        [CONFIG_MAPS] = read_maps,
        [CONFIG_REFUSED] = read_refused,
};
static_assert(ELEMENTSOF(readers) == _CONFIG_KEY_TYPE_MAX);

/* ---- mappings ---- */

const ConfigKey *config_table_find(const ConfigTable *table, const char *name) {
        for (size_t i = 0; i < table->n_keys; i++)
                if (str_equal(table->keys[i].name, name))
                        return &table->keys[i];
        return NULL;
}

static void check_feature(ConfigReading *reading, const YamlNode *node, const char *feature) {
        const YamlNode *root = node;

        while (root->parent)
                root = root->parent;
        YAML_FOREACH(named, yaml_get(root, "previewFeatures")) {
                if (str_equal(yaml_string(named), feature))
                        return;
        }
        config_refuse_key(
                        reading,
                        node,
                        "is a preview; add \"%s\" to the list previewFeatures of this file",
                        feature);
}

static int read_keys(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigTable *table,
                void *target) {
        YAML_FOREACH(child, node) {
                const ConfigKey *key = config_table_find(table, child->key);
                int r = 0;

                if (!key)
                        config_refuse_unknown(reading, child, table);
                else if (child->kind != YAML_NULL)
                        r = readers[key->type](reading, child, key, target);
                if (key && key->feature && child->kind != YAML_NULL)
                        check_feature(reading, child, key->feature);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < table->n_keys; i++)
                if (table->keys[i].is_required && !yaml_get(node, table->keys[i].name))
                        config_refuse(reading, node, "lacks \"%s\"; add it", table->keys[i].name);
        return 0;
}

int config_read_map(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigTable *table,
                void *target) {
        int r;

        if (node->kind != YAML_MAP)
                return config_refuse_type(reading, node, "a mapping (key: value)");
        if (table->flag_offset != CONFIG_NOWHERE)
                *(bool *) config_member(target, table->flag_offset) = true;
        if (table->place_offset != CONFIG_NOWHERE)
                *(ConfigPlace *) config_member(target, table->place_offset) = place_of(
                                reading,
                                node);
        r = read_keys(reading, node, table, target);
        if (r >= 0 && table->choice)
                config_choice_judge(reading, node, table->choice);
        if (r >= 0 && table->rule)
                r = table->rule(reading, node, target);
        return r;
}
