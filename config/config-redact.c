/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A walk over the text's tree and the tables side by side. */

#include "config/config-redact.h"

#include <errno.h>
#include <stdlib.h>

#include "common/strings.h"
#include "config/config-tables.h"
#include "config/diagnostics.h"
#include "config/yaml.h"

static void write_map(Json *json, const char *name, const YamlNode *node, const ConfigTable *table);

static void write_scalar(Json *json, const char *name, const YamlNode *node, const ConfigKey *key) {
        bool yes;

        if (key->is_secret)
                json_string(json, name, CONFIG_REDACTED);
        else if (key->type == CONFIG_NUMBER)
                json_integer(json, name, strtoll(node->value, /* endptr= */ NULL, 10));
        else if (key->type == CONFIG_BOOL && yaml_to_bool(node, &yes) >= 0)
                json_bool(json, name, yes);
        else
                json_string(json, name, yaml_string(node));
}

/* The names of pairs are no secrets; their values may be. */
static void write_pairs(Json *json, const char *name, const YamlNode *node, const ConfigKey *key) {
        json_begin_object(json, name);
        YAML_FOREACH(child, node)
        write_scalar(json, child->key, child, key);
        json_end_object(json);
}

static void write_list(Json *json, const char *name, const YamlNode *node, const ConfigKey *key) {
        json_begin_array(json, name);
        YAML_FOREACH(child, node) {
                if (key->type == CONFIG_MAPS)
                        write_map(json, NULL, child, key->table);
                else
                        write_scalar(json, NULL, child, key);
        }
        json_end_array(json);
}

static void write_value(Json *json, const YamlNode *node, const ConfigKey *key) {
        if (key->type == CONFIG_MAP)
                write_map(json, key->name, node, key->table);
        else if (key->type == CONFIG_PAIRS)
                write_pairs(json, key->name, node, key);
        else if (node->kind == YAML_LIST)
                write_list(json, key->name, node, key);
        else if (node->kind == YAML_SCALAR)
                write_scalar(json, key->name, node, key);
}

static void write_map(
                Json *json,
                const char *name,
                const YamlNode *node,
                const ConfigTable *table) {
        json_begin_object(json, name);
        YAML_FOREACH(child, node) {
                const ConfigKey *key = child->key ? config_table_find(table, child->key) : NULL;

                if (key && child->kind != YAML_NULL)
                        write_value(json, child, key);
        }
        json_end_object(json);
}

int config_write_redacted(const char *text, size_t size, Json *json, const char *key) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        int r = yaml_tree_read(text, size, &tree, &diagnostics);

        if (r > 0)
                return -EBADMSG;
        if (r >= 0)
                write_map(json, key, yaml_tree_root(tree), &config_table);
        return r;
}
