/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reading a YAML tree by tables. One reader per type of key; a new key is a line in a table and needs
 * nothing here.
 */

#include "config/config-reader.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-path.h"
#include "config/config-refuse.h"

typedef int (*ValueReader)(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target);

/* ---- values ---- */

int config_reading_resolve(const ConfigReading *reading, char **path, Failure *reterr) {
        char *joined;

        if (!reading->folder)
                return 0;
        joined = config_path_join(reading->folder, *path);
        if (!joined)
                return -ENOMEM;
        free(*path);
        *path = joined;
        return config_value_path(path, reterr);
}

/* A checked copy of the text; `*ret` is NULL when there is a mistake, which then was reported, or
 * when the check made nothing of it. */
static int read_text(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                char **ret) {
        _cleanup_free_ char *value = NULL;
        Failure failure = {};
        int r = 0;

        *ret = NULL;
        if (node->kind != YAML_SCALAR)
                return config_refuse_type(reading, node, "text");
        if (key->words && !strv_contains((char *const *) key->words, node->value)) {
                config_refuse_word(reading, node, key);
                return 0;
        }
        value = strdup(node->value);
        if (!value)
                return -ENOMEM;
        if (key->check)
                r = key->check(&value, &failure);
        if (r >= 0 && config_value_is_path(key->check))
                r = config_reading_resolve(reading, &value, &failure);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                config_refuse(reading, node, "%s", failure.message);
        else
                *ret = TAKE_PTR(value);
        return 0;
}

static int read_string(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        char *value, **member;
        int r = read_text(reading, node, key, &value);

        if (r < 0 || !value || key->offset == CONFIG_NOWHERE) {
                free(value);
                return r;
        }
        /* Two spellings of one key may share a member; the table's rule refuses that. */
        member = config_member(target, key->offset);
        free(*member);
        *member = value;
        return 0;
}

static int read_bool(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        bool value;

        if (yaml_to_bool(node, &value) >= 0) {
                if (key->offset != CONFIG_NOWHERE)
                        *(bool *) config_member(target, key->offset) = value;
                return 0;
        }
        if (node->kind != YAML_SCALAR)
                return config_refuse_type(reading, node, "true or false");
        config_refuse(reading,
                      node,
                      "must be true or false without quotes, but is \"%.100s\"",
                      node->value);
        return 0;
}

static int read_enum(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        _cleanup_free_ char *value = NULL;
        int r = read_text(reading, node, key, &value);

        for (int i = 0; value && key->words[i]; i++)
                if (str_equal(key->words[i], value))
                        *(int *) config_member(target, key->offset) = i;
        return r;
}

static bool check_list(ConfigReading *reading, const YamlNode *node) {
        if (node->kind != YAML_LIST) {
                (void) config_refuse_type(
                                reading,
                                node,
                                "a list, each entry on a line that begins with \"- \"");
                return false;
        }
        if (node->n_children > CONFIG_MAX_ENTRIES)
                config_refuse(reading,
                              node,
                              "has %zu entries, but at most %d are supported",
                              node->n_children,
                              CONFIG_MAX_ENTRIES);
        return node->n_children <= CONFIG_MAX_ENTRIES;
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
                int r = read_text(reading, child, key, &value);

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
                paths[child->index].place = (ConfigPlace){
                        .line = child->line,
                        .column = child->column,
                        .file = reading->diagnostics->file,
                };
                if (r >= 0)
                        r = read_text(reading, child, key, &paths[child->index].path);
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
        if (node->n_children > CONFIG_MAX_ENTRIES) {
                config_refuse(reading,
                              node,
                              "has %zu entries, but at most %d are supported",
                              node->n_children,
                              CONFIG_MAX_ENTRIES);
                return 0;
        }
        YAML_FOREACH(child, node) {
                int r = read_pair(reading, child, key, &list);

                if (r < 0)
                        return r;
        }
        *(char ***) config_member(target, key->offset) = TAKE_PTR(list);
        return 0;
}

static int read_permissions(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        Failure failure = {};

        if (node->kind != YAML_SCALAR)
                return config_refuse_type(reading, node, "an octal number such as \"0644\"");
        if (config_value_permissions(node->value, config_member(target, key->offset), &failure) < 0)
                config_refuse(reading, node, "%s", failure.message);
        else
                *(bool *) config_member(target, key->extra_offset) = true;
        return 0;
}

/* A whole number without quotes, as the peers of this schema want it. */
static int parse_number(const YamlNode *node, const ConfigKey *key, int64_t *ret) {
        const char *digits = node->value + (node->value[0] == '-');
        uint64_t n;

        if (!node->is_plain || str_to_u64(digits, INT64_MAX, &n) < 0)
                return -EINVAL;
        *ret = node->value[0] == '-' ? -(int64_t) n : (int64_t) n;
        return *ret < key->minimum || *ret > key->maximum ? -ERANGE : 0;
}

static int read_number(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        int64_t number;

        if (node->kind != YAML_SCALAR)
                return config_refuse_type(reading, node, "a number");
        if (parse_number(node, key, &number) < 0) {
                config_refuse(reading,
                              node,
                              "must be a whole number from %" PRIi64 " to %" PRIi64
                              " without quotes, but is \"%.100s\"",
                              key->minimum,
                              key->maximum,
                              node->value);
                return 0;
        }
        *(int64_t *) config_member(target, key->offset) = number;
        *(bool *) config_member(target, key->extra_offset) = true;
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
        [CONFIG_STRING] = read_string,
        [CONFIG_BOOL] = read_bool,
        [CONFIG_ENUM] = read_enum,
        [CONFIG_STRINGS] = read_strings,
        [CONFIG_PATHS] = read_paths,
        [CONFIG_PAIRS] = read_pairs,
        [CONFIG_PERMISSIONS] = read_permissions,
        [CONFIG_NUMBER] = read_number,
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
                *(ConfigPlace *) config_member(target, table->place_offset) = (ConfigPlace){
                        .line = node->key_line > 0 ? node->key_line : node->line,
                        .column = node->key_line > 0 ? node->key_column : node->column,
                        .file = reading->diagnostics->file,
                };
        r = read_keys(reading, node, table, target);
        if (r >= 0 && table->choice)
                config_choice_judge(reading, node, table->choice);
        if (r >= 0 && table->rule)
                r = table->rule(reading, node, target);
        return r;
}
