/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reading a mapping of the settings into a struct by a table with a row for each key. Every mistake is reported,
 * with the key's path in front, and reading goes on. A value that is wrong leaves its member as it was.
 */

#include <stddef.h>
#include <stdint.h>

#include "config/diagnostics.h"
#include "config/yaml-node.h"

typedef enum SettingsKeyType {
        SETTINGS_KEY_PATH,   /* char *: absolute, without '/' at its end */
        SETTINGS_KEY_PATHS,  /* char **: absolute; at most `max` */
        SETTINGS_KEY_RANGES, /* char **: of addresses; at most `max` */
        SETTINGS_KEY_U32,    /* uint32_t from `min` to `max` */
        SETTINGS_KEY_U64,    /* uint64_t from `min` to `max` */
        SETTINGS_KEY_SECONDS, /* uint64_t in microseconds; written, and `min` and `max`, in seconds */
        SETTINGS_KEY_NAME,    /* char * */
        SETTINGS_KEY_URL,     /* char *, without '/' at its end */
        SETTINGS_KEY_CHOICE, /* an enum, by the words of `choices` in their order */
        SETTINGS_KEY_NESTED, /* left to the caller */
        _SETTINGS_KEY_TYPE_MAX,
} SettingsKeyType;

typedef struct SettingsKey {
        const char *name;
        SettingsKeyType type;
        size_t offset; /* of the member in the table's struct */
        uint64_t min, max;
        const char *const *choices; /* NULL-terminated */
} SettingsKey;

/* Reads a mapping, or none when `map` is NULL, into the table's struct at `base`, which owns what is read even
 * when there were mistakes. Errors: -ENOMEM. */
int settings_read_map(
                const YamlNode *map,
                const SettingsKey *keys,
                size_t n_keys,
                void *base,
                Diagnostics *diagnostics);

/* Reports a mistake at the value: `what` follows its path. */
void settings_complain(Diagnostics *diagnostics, const YamlNode *node, const char *what);
