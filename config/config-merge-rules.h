/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a config does to what its base configs have said, beside putting values on top: ConfigMerges,
 * named in the tables.
 */

#include "config/config-reader.h"

/* services: who enables a unit that a base disables, and the other way round, has the last word. */
int config_merge_services(ConfigReading *reading, const YamlNode *node, void *target, void *source);

/* os, iso, pxe: a file takes the place of a base's with the same destination. */
int config_merge_os(ConfigReading *reading, const YamlNode *node, void *target, void *source);
int config_merge_medium(ConfigReading *reading, const YamlNode *node, void *target, void *source);

/* pxe: and at most one URL is left, none with full-os. */
int config_merge_pxe(ConfigReading *reading, const YamlNode *node, void *target, void *source);
