/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reporting mistakes of a config: each is a sentence behind the path of the value's key. */

#include "common/cleanup.h"
#include "config/config-reader.h"

/* At the value, or at the key. */
void config_refuse(ConfigReading *reading, const YamlNode *node, const char *format, ...)
                _printf_(3, 4);
void config_refuse_key(ConfigReading *reading, const YamlNode *node, const char *format, ...)
                _printf_(3, 4);

/* The value has another type; `wanted` is "text", "a list", … Returns 0: reading goes on. */
int config_refuse_type(ConfigReading *reading, const YamlNode *node, const char *wanted);

/* The value is none of the key's words. */
void config_refuse_word(ConfigReading *reading, const YamlNode *node, const ConfigKey *key);

/* The table has no such key; names the nearest that it has. */
void config_refuse_unknown(ConfigReading *reading, const YamlNode *node, const ConfigTable *table);
