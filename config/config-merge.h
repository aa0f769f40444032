/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Putting a config on top of what its base configs have said, by the tables that read it: of single
 * values the last one counts, lists follow each other. What is between keys, a table's `merge` says.
 */

#include "config/config-reader.h"

/* Moves what `node` gave from `source` on top of `target`; both are structs of the table, read
 * without a mistake. Mistakes that only both together make are in the diagnostics. `source` stays to
 * be freed. Errors: -ENOMEM. */
int config_merge_map(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigTable *table,
                void *target,
                void *source);
