/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Judging single values of the config. Every check takes the value, may put it into its normal form
 * (then the string is replaced, and freed), and fills the failure with what follows the key's path
 * in a diagnostic: what is wrong and what to do. Pure. Errors: -EINVAL, -ENOMEM.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "common/failure.h"

typedef int (*ConfigValueCheck)(char **value, Failure *reterr);

/* Not empty, one line. */
int config_value_line(char **value, Failure *reterr);

/* The text of a script: not empty. */
int config_value_script(char **value, Failure *reterr);

/* A path to a file, as the user writes it: not empty, no control characters, at most 4095 bytes. */
int config_value_path(char **value, Failure *reterr);

/* As config_value_path(), and below the config's folder: relative, without "..". */
int config_value_script_path(char **value, Failure *reterr);

/* Whether what the check accepts is a path that starts from the folder of the config. */
bool config_value_is_path(ConfigValueCheck check);

/* As config_value_path(), and absolute. */
int config_value_program(char **value, Failure *reterr);

/* As config_value_program(), or a name without '/' that is looked for where programs lie. */
int config_value_interpreter(char **value, Failure *reterr);

/* Where a file goes in the OS: absolute, names a file, no "..". Normalized: no "." and empty
 * parts. */
int config_value_os_destination(char **value, Failure *reterr);

/* A folder of the OS: as config_value_os_destination(), but it may end in '/' and may be "/". */
int config_value_os_folder(char **value, Failure *reterr);

/* Where a file goes on the medium: stays below its root, names that ISO 9660 with Joliet and FAT can
 * hold, at most 100 characters a part and 240 bytes in all. Normalized: no leading '/', no "." and
 * empty parts. */
int config_value_medium_destination(char **value, Failure *reterr);

int config_value_hostname(char **value, Failure *reterr);
int config_value_unit(char **value, Failure *reterr);
int config_value_environment_name(char **value, Failure *reterr);

/* 64 hexadecimal digits. Normalized: in lower case. */
int config_value_sha256(char **value, Failure *reterr);

/* Octal digits, with or without "0o", 0 to 0777. */
int config_value_permissions(const char *value, mode_t *ret, Failure *reterr);
