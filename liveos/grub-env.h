/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * GRUB's environment block, the file grubenv: lines of NAME=VALUE, in which a backslash protects the
 * byte after it, filled up with '#'. Pure.
 */

#define GRUB_ENV_BYTES 1024 /* what grub-editenv makes, always */

/* The value of a variable; `*ret` is NULL when it is not set. Caller frees. Errors: -ENOMEM. */
int grub_env_get(const char *block, const char *name, char **ret);

/* A block that sets nothing. Caller frees; NULL when memory is out. */
char *grub_env_new(void);
