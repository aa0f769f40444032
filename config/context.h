/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The context: a tar stream (pax or ustar, uncompressed) that holds the config as its first entry,
 * CONTEXT_CONFIG, what the command line adds to it, its base configs, and every file and folder that
 * these name, regular files and folders only. Names in it are made by context_entry_name() from the
 * paths as the config writes them, so that client and worker agree without a table and no path of a
 * user's file system gets anywhere but those that the command line names.
 */

#include <stddef.h>

#define CONTEXT_CONFIG            "config.yaml"
#define CONTEXT_SOURCES           "sources.yaml" /* os.packages.sources of the command line */
#define CONTEXT_SOURCES_MAX_BYTES (256U * 1024U)
#define CONTEXT_BASES             "bases/" /* in front of base configs, "bases/0", in the order of reading */
#define CONTEXT_FILES             "files/" /* in front of what lies below the config's folder */

/* "files/<path>" for a path that stays below the config's folder (normalized: no "." or empty
 * parts), "outside/<index>" for an absolute one or one that leads out; `index` is the path's place
 * among config_sources(). NULL only when memory is out. Caller frees. */
char *context_entry_name(const char *path, size_t index);
