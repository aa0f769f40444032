/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a mapping's keys must be to each other. The rules are ConfigRules, named in the tables; they
 * look at the mapping for what was written and where, and at the struct for the checked values.
 */

#include "config/config-reader.h"

/* kernelCommandLine: all arguments together fit the kernel's limit. */
int config_rule_kernel_arguments(ConfigReading *reading, const YamlNode *node, void *target);

/* Whether two names mean one unit; both may lack ".service". */
bool config_is_same_unit(const char *a, const char *b);

/* services: no unit both enabled and disabled. */
int config_rule_services(ConfigReading *reading, const YamlNode *node, void *target);

/* os: no two files with one destination, no two accounts, modules or overlays of one name. */
int config_rule_os(ConfigReading *reading, const YamlNode *node, void *target);

/* iso: no two files with one destination, none in the place of a generated file. */
int config_rule_medium(ConfigReading *reading, const YamlNode *node, void *target);

/* pxe: at most one URL, and none with full-os. */
extern const ConfigChoice config_choice_url;

/* pxe: as iso; and the ISO that is fetched has a name of its own. */
int config_rule_pxe(ConfigReading *reading, const YamlNode *node, void *target);
