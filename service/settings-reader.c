/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One reader for each kind of type; texts, and those of lists, are judged by service/settings-value.h. */

#include "service/settings-reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"
#include "service/settings-value.h"

#define USEC_PER_SEC UINT64_C(1000000)

/* Of the types that are texts, or lists of texts. */
static const struct {
        SettingsValueJudge judge;
        const char *entries; /* of a list */
} texts[_SETTINGS_KEY_TYPE_MAX] = {
        [SETTINGS_KEY_PATH] = { settings_value_path, NULL },
        [SETTINGS_KEY_PATHS] = { settings_value_path, "absolute paths" },
        [SETTINGS_KEY_RANGES] = { settings_value_range, "ranges of addresses" },
        [SETTINGS_KEY_NAME] = { settings_value_name, NULL },
        [SETTINGS_KEY_URL] = { settings_value_url, NULL },
};

void settings_complain(Diagnostics *diagnostics, const YamlNode *node, const char *what) {
        _cleanup_buffer_ Buffer path = {};

        if (yaml_append_path(node, &path) < 0 || !path.data)
                (void) buffer_append_string(&path, "the file");
        diagnostics_add(diagnostics,
                        REPORT_ERROR,
                        node->line,
                        node->column,
                        "%s: %s",
                        path.data ? path.data : "",
                        what);
}

static int read_text(
                const SettingsKey *key,
                const YamlNode *node,
                char **at,
                Diagnostics *diagnostics) {
        const char *text = yaml_string(node), *wrong = texts[key->type].judge(text);
        char *copy;

        if (wrong) {
                settings_complain(diagnostics, node, wrong);
                return 0;
        }
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        for (size_t n = strlen(copy); n > 0 && copy[n - 1] == '/';)
                copy[--n] = '\0';
        free(*at);
        *at = copy;
        return 0;
}

static bool check_list(const SettingsKey *key, const YamlNode *node, Diagnostics *diagnostics) {
        char wrong[96];

        if (node->kind == YAML_LIST && node->n_children <= key->max)
                return true;
        (void) snprintf(wrong,
                        sizeof(wrong),
                        "must be a list of at most %" PRIu64 " %s",
                        key->max,
                        texts[key->type].entries);
        settings_complain(diagnostics, node, wrong);
        return false;
}

static int read_list(
                const SettingsKey *key,
                const YamlNode *node,
                char ***at,
                Diagnostics *diagnostics) {
        _cleanup_strv_ char **list = NULL;

        if (!check_list(key, node, diagnostics))
                return 0;
        YAML_FOREACH(child, node) {
                const char *wrong = texts[key->type].judge(yaml_string(child));

                if (wrong)
                        settings_complain(diagnostics, child, wrong);
                else if (strv_append(&list, yaml_string(child)) < 0)
                        return -ENOMEM;
        }
        strv_free(*at);
        *at = TAKE_PTR(list);
        return 0;
}

static int read_number(
                const SettingsKey *key,
                const YamlNode *node,
                void *at,
                Diagnostics *diagnostics) {
        char wrong[96];
        uint64_t number;

        if (yaml_to_u64(node, key->max, &number) < 0 || number < key->min) {
                (void) snprintf(wrong,
                                sizeof(wrong),
                                "must be a number from %" PRIu64 " to %" PRIu64,
                                key->min,
                                key->max);
                settings_complain(diagnostics, node, wrong);
                return 0;
        }
        if (key->type == SETTINGS_KEY_U32)
                *(uint32_t *) at = (uint32_t) number;
        else
                *(uint64_t *) at = key->type == SETTINGS_KEY_SECONDS ? number * USEC_PER_SEC
                                                                     : number;
        return 0;
}

static void read_choice(
                const SettingsKey *key,
                const YamlNode *node,
                void *at,
                Diagnostics *diagnostics) {
        _cleanup_free_ char *known = strv_join((char *const *) key->choices, " or ");
        char wrong[96];

        for (unsigned i = 0; key->choices[i]; i++)
                if (str_equal(key->choices[i], yaml_string(node))) {
                        *(unsigned *) at = i;
                        return;
                }
        (void) snprintf(wrong, sizeof(wrong), "must be %s", known ? known : "another word");
        settings_complain(diagnostics, node, wrong);
}

static int read_value(
                const SettingsKey *key,
                const YamlNode *node,
                void *base,
                Diagnostics *diagnostics) {
        void *at = (char *) base + key->offset;

        switch (key->type) {
        case SETTINGS_KEY_NESTED:
                return 0;
        case SETTINGS_KEY_U32:
        case SETTINGS_KEY_U64:
        case SETTINGS_KEY_SECONDS:
                return read_number(key, node, at, diagnostics);
        case SETTINGS_KEY_CHOICE:
                read_choice(key, node, at, diagnostics);
                return 0;
        case SETTINGS_KEY_PATHS:
        case SETTINGS_KEY_RANGES:
                return read_list(key, node, at, diagnostics);
        default:
                return read_text(key, node, at, diagnostics);
        }
}

int settings_read_map(
                const YamlNode *map,
                const SettingsKey *keys,
                size_t n_keys,
                void *base,
                Diagnostics *diagnostics) {
        if (map && map->kind != YAML_MAP)
                settings_complain(diagnostics, map, "must be a mapping of keys and values");
        YAML_FOREACH(node, map) {
                const SettingsKey *key = NULL;
                int r;

                for (size_t i = 0; i < n_keys; i++)
                        if (str_equal(keys[i].name, node->key))
                                key = &keys[i];
                if (!key) {
                        settings_complain(diagnostics, node, "is not a known key");
                        continue;
                }
                r = read_value(key, node, base, diagnostics);
                if (r < 0)
                        return r;
        }
        return 0;
}
