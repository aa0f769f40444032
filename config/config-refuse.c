/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Saying what is wrong. Values and keys of strangers are quoted with a bounded size; a key that is
 * not known is compared with those that are.
 */

#include "config/config-refuse.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"

static _printf_(5, 0) void refuse_at(
                ConfigReading *reading,
                const YamlNode *node,
                uint32_t line,
                uint32_t column,
                const char *format,
                va_list ap) {
        _cleanup_buffer_ Buffer path = {};
        _cleanup_free_ char *text = NULL;

        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        (void) yaml_append_path(node, &path);
        diagnostics_add(reading->diagnostics,
                        REPORT_ERROR,
                        line,
                        column,
                        "%.500s: %s",
                        path.size > 0 ? path.data : "config",
                        text ? text : "out of memory");
}

void config_refuse(ConfigReading *reading, const YamlNode *node, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        refuse_at(reading, node, node->line, node->column, format, ap);
        va_end(ap);
}

void config_refuse_key(ConfigReading *reading, const YamlNode *node, const char *format, ...) {
        bool has_key = node->key_line > 0;
        va_list ap;

        va_start(ap, format);
        refuse_at(reading,
                  node,
                  has_key ? node->key_line : node->line,
                  has_key ? node->key_column : node->column,
                  format,
                  ap);
        va_end(ap);
}

int config_refuse_type(ConfigReading *reading, const YamlNode *node, const char *wanted) {
        static const char *const found[] = {
                [YAML_NULL] = "empty",
                [YAML_SCALAR] = "text",
                [YAML_LIST] = "a list",
                [YAML_MAP] = "a mapping",
        };

        config_refuse(reading, node, "must be %s, but is %s", wanted, found[node->kind]);
        return 0;
}

/* "a, b or c", without the empty word that stands for "not given". */
static char *list_words(const char *const *words) {
        _cleanup_buffer_ Buffer text = {};
        size_t n = strv_length((char *const *) words);

        for (size_t i = 0; i < n; i++) {
                const char *between = text.size == 0 ? "" : i + 1 == n ? " or " : ", ";

                if (words[i][0] != '\0' && buffer_printf(&text, "%s%s", between, words[i]) < 0)
                        return NULL;
        }
        return buffer_take(&text);
}

void config_refuse_word(ConfigReading *reading, const YamlNode *node, const ConfigKey *key) {
        _cleanup_free_ char *words = list_words(key->words);

        if (key->reason) {
                config_refuse(reading, node, "\"%.100s\" %s", node->value, key->reason);
                return;
        }
        config_refuse(reading,
                      node,
                      "\"%.100s\" is not known; must be %s",
                      node->value,
                      words ? words : "another word");
}

/* str_distance() that does not tell upper from lower case. */
static size_t distance_of(const char *a, const char *b) {
        char lower_a[65], lower_b[65];
        size_t i;

        if (strlen(a) >= sizeof(lower_a) || strlen(b) >= sizeof(lower_b))
                return SIZE_MAX;
        for (i = 0; a[i]; i++)
                lower_a[i] = (char) tolower((unsigned char) a[i]);
        lower_a[i] = '\0';
        for (i = 0; b[i]; i++)
                lower_b[i] = (char) tolower((unsigned char) b[i]);
        lower_b[i] = '\0';
        return str_distance(lower_a, lower_b);
}

/* The name in the table that is meant, when one is near enough. */
static const char *nearest(const ConfigTable *table, const char *name) {
        size_t least = SIZE_MAX, allowed = strlen(name) / 3;
        const char *found = NULL;

        for (size_t i = 0; i < table->n_keys; i++) {
                size_t distance = distance_of(table->keys[i].name, name);

                if (distance >= least)
                        continue;
                least = distance;
                found = table->keys[i].name;
        }
        return least <= (allowed > 1 ? allowed : 1) ? found : NULL;
}

void config_refuse_unknown(ConfigReading *reading, const YamlNode *node, const ConfigTable *table) {
        /* Nobody sees the advice once the list is full, and there may be thousands. */
        bool is_seen = reading->diagnostics->n_items < DIAGNOSTICS_MAX;
        const char *meant = is_seen ? nearest(table, node->key) : NULL;
        _cleanup_strv_ char **names = NULL;
        _cleanup_free_ char *known = NULL;

        if (meant) {
                config_refuse_key(reading, node, "is not a known key; did you mean \"%s\"?", meant);
                return;
        }
        for (size_t i = 0; is_seen && i < table->n_keys; i++)
                if (table->keys[i].type != CONFIG_REFUSED)
                        (void) strv_append(&names, table->keys[i].name);
        known = strv_join(names, ", ");
        config_refuse_key(
                        reading,
                        node,
                        "is not a known key; known here are %s",
                        known ? known : "");
}
