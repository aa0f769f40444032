/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The config's JSON Schema (draft 2020-12), written from the tables that read a config, for editors
 * and for who writes configs by program. It takes all that the reader takes; what it cannot say (two
 * files with one destination, limits in bytes, what is to be made) the reader alone refuses.
 */

#define CONFIG_SCHEMA_DIALECT "https://json-schema.org/draft/2020-12/schema"

/* Caller frees. Errors: -ENOMEM. */
int config_schema_to_text(char **ret);
