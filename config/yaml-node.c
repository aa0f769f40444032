/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading a tree that is already there; nothing here knows how it came to be. */

#include "config/yaml-node.h"

#include <errno.h>

#include "common/strings.h"

const YamlNode *yaml_get(const YamlNode *map, const char *key) {
        if (!map || map->kind != YAML_MAP)
                return NULL;
        YAML_FOREACH(child, map)
        if (str_equal(child->key, key))
                return child->kind == YAML_NULL ? NULL : child;
        return NULL;
}

const char *yaml_string(const YamlNode *node) {
        return node && node->kind == YAML_SCALAR ? node->value : NULL;
}

int yaml_to_u64(const YamlNode *node, uint64_t max, uint64_t *ret) {
        const char *value = yaml_string(node);

        return value && node->is_plain ? str_to_u64(value, max, ret) : -EINVAL;
}

int yaml_to_bool(const YamlNode *node, bool *ret) {
        static const struct {
                const char *word;
                bool value;
        } words[] = {
                { "true", true },   { "True", true },   { "TRUE", true },
                { "false", false }, { "False", false }, { "FALSE", false },
        };
        const char *value = yaml_string(node);

        for (size_t i = 0; value && node->is_plain && i < ELEMENTSOF(words); i++)
                if (str_equal(value, words[i].word)) {
                        *ret = words[i].value;
                        return 0;
                }
        return -EINVAL;
}

int yaml_append_path(const YamlNode *node, Buffer *path) {
        int r;

        if (!node->parent)
                return 0;
        r = yaml_append_path(node->parent, path);
        if (r < 0)
                return r;
        if (!node->key)
                return buffer_printf(path, "[%zu]", node->index);
        return buffer_printf(path, "%s%.100s", path->size > 0 ? "." : "", node->key);
}
