/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * YAML (and so JSON, which is a subset) as a tree with places. Written for text of strangers: one
 * document, no anchors, aliases and tags, no key twice in a mapping, and limits on bytes, depth and
 * nodes. Pure.
 */

#include <stddef.h>

#include "common/cleanup.h"
#include "config/diagnostics.h"
#include "config/yaml-node.h"

#define YAML_MAX_BYTES (1024U * 1024U)
#define YAML_MAX_DEPTH 32U
#define YAML_MAX_NODES 50000U

typedef struct YamlTree YamlTree;

/* Reads the text. One without any content has a root of kind YAML_NULL. Returns 0, or 1 when mistakes
 * were reported but could be passed over (a key twice, an anchor): the tree then stands for finding
 * more of them and must not be used otherwise. Errors: -EBADMSG with at least one diagnostic,
 * -ENOMEM. */
int yaml_tree_read(const char *text, size_t size, YamlTree **ret, Diagnostics *diagnostics);

const YamlNode *yaml_tree_root(const YamlTree *tree);

YamlTree *yaml_tree_free(YamlTree *tree);
DEFINE_CLEANUP(YamlTree *, yaml_tree_free);
#define _cleanup_yaml_tree_ _cleanup_(yaml_tree_freep)
