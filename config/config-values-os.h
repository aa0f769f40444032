/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Judging single values of accounts, modules and overlays; as config/config-values.h, of whose kind
 * these are. Where a value is a secret, no sentence quotes it.
 */

#include <stdbool.h>

#include "config/config-values.h"

/* The name of a user or group, as useradd(8) of shadow takes it: at most 32 of letters, digits and
 * "_.-", no '-' first, not digits alone; the last may be '$'. */
int config_value_account(char **value, Failure *reterr);

/* A line of authorized_keys (sshd(8)): two words at least, no private key. Secret. */
int config_value_ssh_key(char **value, Failure *reterr);

/* A password, its hash or its file's path: one line, not empty, shorter than
 * CONFIG_MAX_SECRET_BYTES. Secret. */
int config_value_secret(char **value, Failure *reterr);

/* Whether it is a hash of crypt(5): "$" and what it names, nothing that ends a field of shadow(5). */
bool config_value_is_hash(const char *value);

/* What a field of passwd(5) can hold: an absolute path without ':'. A home is normalized. */
int config_value_home(char **value, Failure *reterr);
int config_value_startup_command(char **value, Failure *reterr);

/* The name of a kernel module: at most 55 letters, digits, '_' and '-' (MODULE_NAME_LEN). */
int config_value_module(char **value, Failure *reterr);

/* The name of a module's parameter: letters, digits, '_', '-' and '.'. */
int config_value_module_option(char **value, Failure *reterr);

/* A folder of an overlay: as config_value_os_folder(), not "/", without characters that mean something
 * in mount options, in a unit of systemd or to a shell. */
int config_value_overlay_dir(char **value, Failure *reterr);

/* Options of mount(8) with commas between. */
int config_value_overlay_options(char **value, Failure *reterr);
