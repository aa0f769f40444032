/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reading one scalar of a config into the member of `target` that its key names. A mistake is reported and
 * is no error: the member then stays as it is. Errors of all: -ENOMEM.
 */

#include "common/failure.h"
#include "config/config-reader.h"

/* A checked copy of the text, whatever type the key has. `*ret` is NULL when there is a mistake, or when the
 * check made nothing of it. Caller frees. */
int config_scalar_text(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                char **ret);

/* One for each type of key (CONFIG_STRING, …). */
int config_scalar_string(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target);
int config_scalar_bool(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target);
int config_scalar_enum(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target);
int config_scalar_permissions(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target);
int config_scalar_number(
                ConfigReading *reading,
                const YamlNode *node,
                const ConfigKey *key,
                void *target);

/* Turns a path as it is written into one that is seen from the folder of the config itself; the string
 * is replaced. Fills the failure with a remark. Errors: -EINVAL, -ENOMEM. */
int config_scalar_resolve_path(const ConfigReading *reading, char **path, Failure *reterr);
