/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* YAML as a tree, and the tree as JSON, which is read back as the same tree. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/json.h"
#include "common/strings.h"
#include "config/yaml.h"

static void check_node(const YamlNode *node, unsigned depth, size_t *n_nodes) {
        _cleanup_buffer_ Buffer path = {};
        size_t index = 0;
        uint64_t number;
        bool flag;

        fuzz_check(depth <= YAML_MAX_DEPTH && ++*n_nodes <= YAML_MAX_NODES);
        fuzz_check(yaml_append_path(node, &path) == 0);
        (void) yaml_to_u64(node, UINT64_MAX, &number);
        (void) yaml_to_bool(node, &flag);
        YAML_FOREACH(child, node) {
                fuzz_check(child->parent == node && child->index == index++);
                fuzz_check(!child->key == (node->kind == YAML_LIST));
                check_node(child, depth + 1, n_nodes);
        }
        fuzz_check(node->n_children == index);
}

static void write_node(Json *json, const YamlNode *node) {
        if (node->kind == YAML_MAP)
                json_begin_object(json, node->key);
        else if (node->kind == YAML_LIST)
                json_begin_array(json, node->key);
        else
                json_string(json, node->key, yaml_string(node));
        YAML_FOREACH(child, node)
        write_node(json, child);
        if (node->kind == YAML_MAP)
                json_end_object(json);
        else if (node->kind == YAML_LIST)
                json_end_array(json);
}

static void check_same(const YamlNode *a, const YamlNode *b) {
        const YamlNode *y = yaml_first(b);

        fuzz_check(a->kind == b->kind && a->n_children == b->n_children);
        fuzz_check(str_equal(a->key, b->key) && str_equal(yaml_string(a), yaml_string(b)));
        for (const YamlNode *x = yaml_first(a); x; x = x->next, y = y->next)
                check_same(x, y);
}

/* A key of JSON with more than 1024 bytes is none of libyaml's. */
static bool has_long_key(const YamlNode *node) {
        if (node->key && strlen(node->key) > 160)
                return true;
        YAML_FOREACH(child, node)
        if (has_long_key(child))
                return true;
        return false;
}

static void check_json(const YamlNode *root) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *again = NULL;
        _cleanup_json_ Json json = {};
        _cleanup_free_ char *text = NULL;

        write_node(&json, root);
        fuzz_check(json_finish(&json, &text) == 0);
        if (has_long_key(root) || strlen(text) > YAML_MAX_BYTES)
                return;
        fuzz_check(yaml_tree_read(text, strlen(text), &again, &diagnostics) == 0);
        check_same(root, yaml_tree_root(again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        int r = yaml_tree_read((const char *) data, size, &tree, &diagnostics);
        size_t n_nodes = 0;

        fuzz_check(r == 0 || r == 1 || r == -EBADMSG);
        fuzz_check((r == 0) == (diagnostics.n_errors == 0));
        fuzz_check((r >= 0) == (tree != NULL));
        if (r != 0)
                return 0;
        check_node(yaml_tree_root(tree), 0, &n_nodes);
        check_json(yaml_tree_root(tree));
        return 0;
}
