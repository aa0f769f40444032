/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Rules of what lies below `os`; as config/config-rules.h. */

#include "config/config-reader.h"

/* users[].password: a value where the type wants one; a hash that is one. Quotes no value. */
int config_rule_password(ConfigReading *reading, const YamlNode *node, void *target);

/* modules[]: options have values that modprobe.d(5) can hold, and none where it is disabled. */
int config_rule_module(ConfigReading *reading, const YamlNode *node, void *target);

/* overlays[]: what a Live OS can mount. */
int config_rule_overlay(ConfigReading *reading, const YamlNode *node, void *target);

/* No two groups, users, modules or overlays of one name, no two accounts of one id. `target` is the
 * Config, `node` its `os`. */
int config_rule_os_names(ConfigReading *reading, const YamlNode *node, void *target);
