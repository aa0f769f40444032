/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reading a YAML tree into structs by tables: a table names the keys of one mapping, their types and
 * where their values go. What a table cannot say is a rule, a function that is called when its
 * mapping was read. Every mistake is reported, with the key's path in front, and reading goes on.
 * A key whose value is null is as good as not there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "config/config-choice.h"
#include "config/config-values.h"
#include "config/config.h"
#include "config/diagnostics.h"
#include "config/yaml-node.h"

/* The most entries that a list may have. */
#define CONFIG_MAX_ENTRIES 2000

/* An offset for a value that is checked and then forgotten. */
#define CONFIG_NOWHERE SIZE_MAX

typedef enum ConfigKeyType {
        CONFIG_STRING,      /* char * */
        CONFIG_BOOL,        /* bool */
        CONFIG_ENUM,        /* int: the place of the value among `words` */
        CONFIG_STRINGS,     /* list: char ** */
        CONFIG_PATHS,       /* list: ConfigPath *; size_t at `extra_offset` */
        CONFIG_PAIRS,       /* mapping: char ** of NAME=value; `check` judges the names */
        CONFIG_PERMISSIONS, /* mode_t, and bool at `extra_offset` */
        CONFIG_NUMBER,      /* int64_t from `minimum` to `maximum`; bool at `extra_offset` */
        CONFIG_MAP,         /* mapping of `table`, whose struct begins at `offset` */
        CONFIG_MAPS,        /* list of such: pointer to an array; size_t at `extra_offset` */
        CONFIG_REFUSED,     /* known, but `reason` says why not */
        _CONFIG_KEY_TYPE_MAX,
} ConfigKeyType;

typedef struct ConfigReading ConfigReading;
typedef struct ConfigTable ConfigTable;

typedef struct ConfigKey {
        const char *name;
        ConfigKeyType type;
        bool is_required;
        size_t offset; /* in the struct of the table */
        size_t extra_offset;
        ConfigValueCheck check;   /* of a string, each string of a list, each name of a pair */
        const char *const *words; /* the values that are taken, NULL-terminated; NULL: any */
        int64_t minimum, maximum; /* of a number */
        bool is_secret;           /* never quoted, and left out by config/config-redact.h */
        const ConfigTable *table;
        const char *feature; /* what previewFeatures must name for this key; NULL: nothing */
        const char *reason; /* of a refused key; of a word that is not among `words`, NULL: unknown */
} ConfigKey;

/* Judges a mapping, `node`, that was read into `target`, and sets what follows from several keys.
 * Errors: -ENOMEM. */
typedef int (*ConfigRule)(ConfigReading *reading, const YamlNode *node, void *target);

/* Judges and prepares what is between keys of `source`, read from `node`, and those of `target`, before
 * the one is merged into the other. Errors: -ENOMEM. */
typedef int (*ConfigMerge)(
                ConfigReading *reading,
                const YamlNode *node,
                void *target,
                void *source);

struct ConfigTable {
        const ConfigKey *keys;
        size_t n_keys;
        size_t size;         /* of the struct; for CONFIG_MAPS */
        size_t place_offset; /* of a ConfigPlace, or CONFIG_NOWHERE */
        size_t flag_offset;  /* of a bool that says the mapping is there, or CONFIG_NOWHERE */
        const ConfigChoice *choice; /* NULL when there is none */
        ConfigRule rule;            /* NULL when there is none */
        ConfigMerge merge;          /* NULL when there is none */
};

struct ConfigReading {
        Diagnostics *diagnostics;
        const char *folder; /* of a base config, which its paths start from; NULL: ours */
};

/* The member of a table's struct. */
static inline void *config_member(void *target, size_t offset) {
        return (char *) target + offset;
}

/* NULL when the table has no key of that name. */
const ConfigKey *config_table_find(const ConfigTable *table, const char *name);

/* Reads a mapping into `target`, which is zeroed before and owns what was read even when there were
 * mistakes. Mistakes are in the diagnostics, not in the return value. Errors: -ENOMEM. */
int config_read_map(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigTable *table,
                void *target);
