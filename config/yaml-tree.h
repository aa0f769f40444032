/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Building a tree of nodes, for config/yaml.c alone; who reads one takes yaml.h and yaml-node.h. Pure. */

#include "config/diagnostics.h"
#include "config/yaml-node.h"
#include "config/yaml.h"

/* An empty tree; NULL without memory. */
YamlTree *yaml_tree_new(void);

/* Adds a node behind the others of `parent`, a list or mapping of this tree, or the root when that is NULL. Its
 * other members are the caller's to fill; `key` and `value` are owned by the tree then. Borrowed. Errors: -E2BIG
 * beyond YAML_MAX_NODES, -ENOMEM. */
int yaml_tree_add(YamlTree *tree, YamlNode *parent, YamlKind kind, YamlNode **ret);

/* Reports each key that the mapping has twice; all but the first become null. Errors: -ENOMEM. */
int yaml_tree_check_keys(const YamlNode *map, Diagnostics *diagnostics);
