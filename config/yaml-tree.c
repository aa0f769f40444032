/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All nodes are in one list beside the tree, so that freeing them needs no stack, however deep the tree is. */

#include "config/yaml-tree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"

/* A node and what only its building needs. */
typedef struct Built {
        YamlNode node; /* first: a YamlNode * that we made is a Built * */
        YamlNode *last_child;
        struct Built *next_made;
} Built;

struct YamlTree {
        YamlNode *root;
        Built *made; /* all nodes, newest first */
        size_t n_made;
};

YamlTree *yaml_tree_new(void) {
        return calloc(1, sizeof(YamlTree));
}

static void add_child(YamlNode *parent, YamlNode *child) {
        Built *built = (Built *) (void *) parent;

        child->parent = parent;
        child->index = parent->n_children++;
        if (built->last_child)
                built->last_child->next = child;
        else
                parent->first_child = child;
        built->last_child = child;
}

int yaml_tree_add(YamlTree *tree, YamlNode *parent, YamlKind kind, YamlNode **ret) {
        Built *built;

        if (tree->n_made == YAML_MAX_NODES)
                return -E2BIG;
        built = calloc(1, sizeof(Built));
        if (!built)
                return -ENOMEM;
        built->node.kind = kind;
        built->next_made = tree->made;
        tree->made = built;
        tree->n_made++;
        if (parent)
                add_child(parent, &built->node);
        else
                tree->root = &built->node;
        *ret = &built->node;
        return 0;
}

static int compare_keys(const void *a, const void *b) {
        const YamlNode *x = *(const YamlNode *const *) a, *y = *(const YamlNode *const *) b;
        int order = strcmp(x->key, y->key);

        if (order != 0)
                return order;
        return x->index < y->index ? -1 : x->index > y->index;
}

/* Sorted, a key that is there twice stands beside itself. */
int yaml_tree_check_keys(const YamlNode *map, Diagnostics *diagnostics) {
        _cleanup_free_ YamlNode **sorted = calloc(map->n_children + 1, sizeof(YamlNode *));
        size_t n = 0;

        if (!sorted)
                return -ENOMEM;
        YAML_FOREACH(child, map) {
                sorted[n++] = (YamlNode *) child; /* ours until the tree is given away */
        }
        qsort(sorted, n, sizeof(YamlNode *), compare_keys);
        for (size_t i = 1; i < n; i++) {
                _cleanup_buffer_ Buffer path = {};

                if (!str_equal(sorted[i - 1]->key, sorted[i]->key))
                        continue;
                if (yaml_append_path(sorted[i], &path) < 0)
                        return -ENOMEM;
                diagnostics_add(diagnostics,
                                REPORT_ERROR,
                                sorted[i]->key_line,
                                sorted[i]->key_column,
                                "%.300s: is given twice, before in line %" PRIu32 "; keep one",
                                path.data,
                                sorted[i - 1]->key_line);
                sorted[i]->kind = YAML_NULL;
                sorted[i]->first_child = NULL;
        }
        return 0;
}

const YamlNode *yaml_tree_root(const YamlTree *tree) {
        return tree->root;
}

YamlTree *yaml_tree_free(YamlTree *tree) {
        Built *built = tree ? tree->made : NULL;

        while (built) {
                Built *next = built->next_made;

                free(built->node.key);
                free(built->node.value);
                free(built);
                built = next;
        }
        free(tree);
        return NULL;
}
