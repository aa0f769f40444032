/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The JSON Schema. One writer per type of key, as the reader has one reader: a new key is a line in a
 * table and needs nothing here. Null is taken where the reader passes over it, which is at every key
 * that need not be there.
 */

#include "config/config-schema.h"

#include <assert.h>
#include <stdbool.h>

#include "common/json.h"
#include "common/strings.h"
#include "config/config-patterns.h"
#include "config/config-tables.h"

typedef enum Presence {
        MAY_BE_NULL,
        MUST_BE,
} Presence;

typedef void (*SchemaWriter)(Json *json, const ConfigKey *key, Presence presence);

static void write_table(Json *json, const ConfigTable *table, Presence presence);

/* ---- values ---- */

static void write_types(Json *json, const char *const *types, Presence presence) {
        json_begin_array(json, "type");
        STRV_FOREACH(type, (char *const *) types)
                json_string(json, NULL, *type);
        if (presence == MAY_BE_NULL)
                json_string(json, NULL, "null");
        json_end_array(json);
}

static void write_type(Json *json, const char *type, Presence presence) {
        const char *const types[] = { type, NULL };

        write_types(json, types, presence);
}

static void write_pattern(Json *json, const ConfigPattern *pattern) {
        json_string(json, "description", pattern->about);
        json_string(json, "pattern", pattern->regex);
        if (pattern->max_characters > 0)
                json_number(json, "maxLength", pattern->max_characters);
}

static void write_words(Json *json, const char *const *words, Presence presence) {
        json_begin_array(json, "enum");
        STRV_FOREACH(word, (char *const *) words)
                json_string(json, NULL, *word);
        if (presence == MAY_BE_NULL)
                json_string(json, NULL, NULL);
        json_end_array(json);
}

/* A text of YAML may be a number or a boolean to others. */
static void write_string(Json *json, const ConfigKey *key, Presence presence) {
        static const char *const any[] = { "string", "number", "boolean", NULL };
        const ConfigPattern *pattern = key->check ? config_pattern_find(key->check) : NULL;

        if (key->words)
                write_words(json, key->words, presence);
        else if (!pattern || pattern->takes_numbers)
                write_types(json, any, presence);
        else
                write_type(json, "string", presence);
        if (pattern)
                write_pattern(json, pattern);
}

static void write_bool(Json *json, const ConfigKey *key _unused_, Presence presence) {
        write_type(json, "boolean", presence);
}

/* Without quotes: the digits of 644 are octal here, those of 0o644 have been read as that. */
static void write_permissions(Json *json, const ConfigKey *key _unused_, Presence presence) {
        static const char *const types[] = { "string", "integer", NULL };

        write_types(json, types, presence);
        write_pattern(json, &config_pattern_permissions);
        json_number(json, "minimum", 0);
        json_number(json, "maximum", 777);
}

static void write_number(Json *json, const ConfigKey *key, Presence presence) {
        write_type(json, "integer", presence);
        json_integer(json, "minimum", key->minimum);
        json_integer(json, "maximum", key->maximum);
}

/* ---- what holds values ---- */

static void write_list(
                Json *json,
                const ConfigKey *key,
                Presence presence,
                SchemaWriter write_entry) {
        write_type(json, "array", presence);
        json_number(json, "maxItems", CONFIG_MAX_ENTRIES);
        json_begin_object(json, "items");
        write_entry(json, key, MUST_BE);
        json_end_object(json);
}

static void write_strings(Json *json, const ConfigKey *key, Presence presence) {
        write_list(json, key, presence, write_string);
}

static void write_map(Json *json, const ConfigKey *key, Presence presence) {
        write_table(json, key->table, presence);
}

static void write_maps(Json *json, const ConfigKey *key, Presence presence) {
        write_list(json, key, presence, write_map);
}

static void write_pairs(Json *json, const ConfigKey *key, Presence presence) {
        static const ConfigKey value = {};

        write_type(json, "object", presence);
        json_number(json, "maxProperties", CONFIG_MAX_ENTRIES);
        json_begin_object(json, "propertyNames");
        write_pattern(json, config_pattern_find(key->check));
        json_end_object(json);
        json_begin_object(json, "additionalProperties");
        write_string(json, &value, MAY_BE_NULL);
        json_end_object(json);
}

static void write_refused(Json *json, const ConfigKey *key, Presence presence _unused_) {
        _cleanup_free_ char *why = str_printf("\"%s\" %s", key->name, key->reason);

        json_string(json, "type", "null");
        json_string(json, "description", why);
}

static const SchemaWriter writers[] = {
        [CONFIG_STRING] = write_string,
        [CONFIG_BOOL] = write_bool,
        [CONFIG_ENUM] = write_string,
        [CONFIG_STRINGS] = write_strings,
        [CONFIG_PATHS] = write_strings,
        [CONFIG_PAIRS] = write_pairs,
        [CONFIG_PERMISSIONS] = write_permissions,
        [CONFIG_NUMBER] = write_number,
        [CONFIG_MAP] = write_map,
        [CONFIG_MAPS] = write_maps,
        [CONFIG_REFUSED] = write_refused,
};
static_assert(ELEMENTSOF(writers) == _CONFIG_KEY_TYPE_MAX);

/* ---- keys that exclude each other ---- */

/* "This key is given." */
static void write_given(Json *json, const ConfigChoice *choice, const char *key) {
        json_begin_object(json, NULL);
        json_string(json, "type", "object");
        json_begin_array(json, "required");
        json_string(json, NULL, key);
        json_end_array(json);
        json_begin_object(json, "properties");
        json_begin_object(json, key);
        json_begin_object(json, "not");
        json_begin_array(json, "enum");
        json_string(json, NULL, NULL);
        if (choice->ignores_empty)
                json_string(json, NULL, "");
        json_end_array(json);
        json_end_object(json);
        json_end_object(json);
        json_end_object(json);
        json_end_object(json);
}

static void write_given_each(Json *json, const ConfigChoice *choice) {
        STRV_FOREACH(key, (char *const *) choice->keys)
                write_given(json, choice, *key);
}

/* "None of them is given." */
static void write_none_given(Json *json, const ConfigChoice *choice, const char *name) {
        json_begin_object(json, name);
        json_begin_object(json, "not");
        json_begin_array(json, "anyOf");
        write_given_each(json, choice);
        json_end_array(json);
        json_end_object(json);
        json_end_object(json);
}

static void write_unless(Json *json, const ConfigChoice *choice) {
        json_begin_object(json, "if");
        json_string(json, "type", "object");
        json_begin_array(json, "required");
        json_string(json, NULL, choice->unless_key);
        json_end_array(json);
        json_begin_object(json, "properties");
        json_begin_object(json, choice->unless_key);
        json_string(json, "const", choice->unless_value);
        json_end_object(json);
        json_end_object(json);
        json_end_object(json);
        write_none_given(json, choice, "then");
}

static void write_choice(Json *json, const ConfigChoice *choice) {
        json_begin_array(json, "oneOf");
        write_given_each(json, choice);
        if (!choice->is_required)
                write_none_given(json, choice, NULL);
        json_end_array(json);
        if (choice->unless_key)
                write_unless(json, choice);
}

/* ---- previews: at the top only, as a schema does not see from below what stands there ---- */

static void write_feature(Json *json, const ConfigKey *key) {
        const char *const names[] = { key->name, NULL };
        const ConfigChoice only = { .keys = names };

        json_begin_object(json, NULL);
        json_begin_array(json, "anyOf");
        write_none_given(json, &only, NULL);
        json_begin_object(json, NULL);
        json_begin_array(json, "required");
        json_string(json, NULL, "previewFeatures");
        json_end_array(json);
        json_begin_object(json, "properties");
        json_begin_object(json, "previewFeatures");
        json_string(json, "type", "array");
        json_begin_object(json, "contains");
        json_string(json, "const", key->feature);
        json_end_object(json);
        json_end_object(json);
        json_end_object(json);
        json_end_object(json);
        json_end_array(json);
        json_end_object(json);
}

static void write_features(Json *json, const ConfigTable *table) {
        json_begin_array(json, "allOf");
        for (size_t i = 0; i < table->n_keys; i++)
                if (table->keys[i].feature)
                        write_feature(json, &table->keys[i]);
        json_end_array(json);
}

/* ---- mappings ---- */

static bool has_required(const ConfigTable *table) {
        for (size_t i = 0; i < table->n_keys; i++)
                if (table->keys[i].is_required)
                        return true;
        return false;
}

static void write_properties(Json *json, const ConfigTable *table) {
        json_begin_object(json, "properties");
        for (size_t i = 0; i < table->n_keys; i++) {
                const ConfigKey *key = &table->keys[i];

                json_begin_object(json, key->name);
                writers[key->type](json, key, key->is_required ? MUST_BE : MAY_BE_NULL);
                json_end_object(json);
        }
        json_end_object(json);
}

static void write_table(Json *json, const ConfigTable *table, Presence presence) {
        write_type(json, "object", presence);
        json_bool(json, "additionalProperties", false);
        if (has_required(table)) {
                json_begin_array(json, "required");
                for (size_t i = 0; i < table->n_keys; i++)
                        if (table->keys[i].is_required)
                                json_string(json, NULL, table->keys[i].name);
                json_end_array(json);
        }
        if (table->choice)
                write_choice(json, table->choice);
        write_properties(json, table);
}

int config_schema_to_text(char **ret) {
        _cleanup_json_ Json json = {};

        json_begin_object(&json, NULL);
        json_string(&json, "$schema", CONFIG_SCHEMA_DIALECT);
        json_string(&json, "title", "What pxed makes of an OS image");
        write_table(&json, &config_table, MAY_BE_NULL);
        write_features(&json, &config_table);
        json_end_object(&json);
        return json_finish(&json, ret);
}
