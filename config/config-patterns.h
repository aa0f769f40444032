/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the checks of config-values.h and config-url.h accept, said as regular expressions for the
 * JSON Schema. The expressions are in what ECMA 262 (as JSON Schema asks for) and POSIX extended ones
 * have in common. They state a check exactly, but for limits in bytes: a schema counts characters, so
 * a text that is not ASCII can be longer there.
 */

#include <stdbool.h>
#include <stddef.h>

#include "config/config-values.h"

typedef struct ConfigPattern {
        ConfigValueCheck check;
        const char *about; /* what such a text is */
        const char *regex; /* of the whole text */
        size_t max_characters;
        bool takes_numbers; /* a number or true and false, which YAML need not quote, can be one */
} ConfigPattern;

/* Of every check that a table of the config names. NULL when it has none. */
const ConfigPattern *config_pattern_find(ConfigValueCheck check);

/* Of config_value_permissions(). */
extern const ConfigPattern config_pattern_permissions;
