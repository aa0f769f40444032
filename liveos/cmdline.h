/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A kernel command line as a list of words. A word may have double quotes around blanks, anywhere in
 * it, as the kernel reads them; there are no other quotes and no escapes. In the name of an argument
 * `-` and `_` are the same. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/failure.h"

/* The largest line in bytes with its NUL: COMMAND_LINE_SIZE of x86 and arm64. */
#define CMDLINE_MAX_BYTES 2048

/* Appends the words of the text. Errors: -EINVAL when a quote is not closed or a control character
 * is in it. */
int cmdline_add_text(char ***words, const char *text, Failure *reterr);

/* Appends one word and drops an earlier one that is the same byte for byte. Errors: -ENOMEM. */
int cmdline_add(char ***words, const char *word);

/* Appends the word unless one of the same name is there. Errors: -ENOMEM. */
int cmdline_add_default(char ***words, const char *word);

/* Puts the word in the place of the first of the same name and drops the others of that name;
 * appends it when there is none. Errors: -ENOMEM. */
int cmdline_replace(char ***words, const char *word);

/* Drops all words of that name. Returns true when there were any. */
bool cmdline_remove(char **words, const char *name);

/* The last word of that name, NULL when there is none. */
const char *cmdline_find(char *const *words, const char *name);

/* True when the word's part before '=' is that name. */
bool cmdline_word_is(const char *word, const char *name);

/* The word without its quotes, as a boot loader wants it, that sets quotes of its own. NULL when
 * memory is out. Caller frees. */
char *cmdline_unquote(const char *word);

/* The line. Errors: -E2BIG when it is longer than the kernel takes. Caller frees. */
int cmdline_join(char *const *words, char **ret_line, Failure *reterr);
