/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Scalars by their keys. What is wrong with a value is said here or by the key's check; what several
 * values make of one another is for rules.
 */

#include "config/config-scalar.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-path.h"
#include "config/config-refuse.h"

int config_scalar_resolve_path(const ConfigReading *reading, char **path, Failure *reterr) {
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

int config_scalar_text(
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
                r = config_scalar_resolve_path(reading, &value, &failure);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                config_refuse(reading, node, "%s", failure.message);
        else
                *ret = TAKE_PTR(value);
        return 0;
}

int config_scalar_string(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        char *value, **member;
        int r = config_scalar_text(reading, node, key, &value);

        /* Where "" is one of the words, it stands for "not given". */
        if (r < 0 || !value || key->offset == CONFIG_NOWHERE || (key->words && value[0] == '\0')) {
                free(value);
                return r;
        }
        /* Two spellings of one key may share a member; the table's rule refuses that. */
        member = config_member(target, key->offset);
        free(*member);
        *member = value;
        return 0;
}

int config_scalar_bool(
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

int config_scalar_enum(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target) {
        _cleanup_free_ char *value = NULL;
        int r = config_scalar_text(reading, node, key, &value);

        for (int i = 0; value && key->words[i]; i++)
                if (str_equal(key->words[i], value))
                        *(int *) config_member(target, key->offset) = i;
        return r;
}

int config_scalar_permissions(
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

static const char *digits_of(const YamlNode *node) {
        return node->value + (node->value[0] == '-');
}

/* A whole number without quotes, as the peers of this schema want it. */
static int parse_number(const YamlNode *node, const ConfigKey *key, int64_t *ret) {
        const char *digits = digits_of(node);
        uint64_t n;

        if (!node->is_plain || str_to_u64(digits, INT64_MAX, &n) < 0)
                return -EINVAL;
        *ret = node->value[0] == '-' ? -(int64_t) n : (int64_t) n;
        return *ret < key->minimum || *ret > key->maximum ? -ERANGE : 0;
}

/* 010 is ten to YAML 1.2, and eight to 1.1 and to Image Customizer. */
static bool is_ambiguous(const YamlNode *node) {
        const char *digits = digits_of(node);

        return digits[0] == '0' && digits[1] != '\0';
}

int config_scalar_number(
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
        if (is_ambiguous(node))
                config_refuse(reading,
                              node,
                              "\"%.100s\" begins with 0, by which some readers of YAML know an octal "
                              "number; write it without",
                              node->value);
        *(int64_t *) config_member(target, key->offset) = number;
        *(bool *) config_member(target, key->extra_offset) = true;
        return 0;
}
