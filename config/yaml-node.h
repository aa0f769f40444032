/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A value in a YAML or JSON text, with its place. A tree owns its nodes; they are read, never
 * changed. All accessors accept NULL for a node that is not there, so that they can be chained:
 * yaml_string(yaml_get(yaml_get(root, "a"), "b")).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

typedef enum YamlKind {
        YAML_NULL,   /* nothing, ~ or null */
        YAML_SCALAR, /* text; whether it is a number is for its reader to say */
        YAML_LIST,
        YAML_MAP,
} YamlKind;

typedef struct YamlNode YamlNode;
struct YamlNode {
        YamlKind kind;
        bool is_plain; /* a scalar without quotes: the only one that can be a number or bool */
        uint32_t line, column;         /* where the value begins, from 1 */
        char *value;                   /* of a scalar: UTF-8 without NUL */
        const YamlNode *parent;        /* NULL for the root */
        char *key;                     /* in a mapping: the name under which it stands */
        uint32_t key_line, key_column; /* where the key is written; 0 without a key */
        size_t index;                  /* in a list or mapping: its place, from 0 */
        size_t n_children;             /* of a list or mapping */
        const YamlNode *next;          /* in the parent */
        const YamlNode *first_child;
};

/* The value under a key; NULL when the node is no mapping, has no such key, or it is null. */
const YamlNode *yaml_get(const YamlNode *map, const char *key);

/* The text of a scalar; NULL for everything else. */
const char *yaml_string(const YamlNode *node);

/* Decimal, not quoted. Errors: -EINVAL when it is no such number, -ERANGE when above `max`. */
int yaml_to_u64(const YamlNode *node, uint64_t max, uint64_t *ret);

/* true or false as the core schema of YAML 1.2 spells them, not quoted; "yes" is none. Errors: -EINVAL. */
int yaml_to_bool(const YamlNode *node, bool *ret);

/* Appends the node's path from the root, "os.additionalFiles[2].destination"; nothing for the
 * root. Keys are cut at 100 bytes. Errors: -ENOMEM. */
int yaml_append_path(const YamlNode *node, Buffer *path);

/* The children of a list or mapping, in the order of the text; none for other nodes and NULL. */
static inline const YamlNode *yaml_first(const YamlNode *node) {
        return node ? node->first_child : NULL;
}
#define YAML_FOREACH(child, node) \
        for (const YamlNode *child = yaml_first(node); child; child = child->next)
