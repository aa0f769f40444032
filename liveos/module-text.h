/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lines of modprobe.d(5) and modules-load.d(5). In a module's name '-' and '_' are the same; comments
 * and all other lines stay to the byte. Pure. Errors of all: -ENOMEM.
 */

#include <stdbool.h>

/* Whether there is a line that says `directive` ("blacklist") of the module; with a directive of "" one
 * that is the module's name alone. */
bool module_text_has(const char *text, const char *directive, const char *module);

/* The text without these lines. Caller frees. */
int module_text_drop(const char *text, const char *directive, const char *module, char **ret);

/* The text with such a line, behind the others unless there is one. Caller frees. */
int module_text_add(const char *text, const char *directive, const char *module, char **ret);

/* The text with one line "options" for the module: what its lines say already, and in it `options`
 * (NAME=value), which take the place of those of the same name. Caller frees. */
int module_text_set_options(const char *text, const char *module, char *const *options, char **ret);
