/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Strings and lists of strings. A list ("strv") is a NULL-terminated array whose strings and array
 * are all heap memory of one owner; NULL is the empty list.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"

/* Both may be NULL; NULL equals only NULL. */
bool str_equal(const char *a, const char *b);
bool str_is_empty(const char *s);

/* The rest of `s` after `prefix`, or NULL when it does not begin so. */
const char *str_after_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);

/* asprintf() that returns the string. NULL only when memory is out. Caller frees. */
char *str_printf(const char *format, ...) _printf_(1, 2);

/* Decimal number without sign, blanks or rest. Errors: -EINVAL, -ERANGE when above `max`. */
int str_to_u64(const char *s, uint64_t max, uint64_t *ret);

/* How many bytes at `s` are one character that a terminal obeys, or that turns the direction of what
 * follows; 0 for any other. Not at the end of a string. */
size_t str_control_size(const char *s);

/* Turns every byte of a control character into a blank, in place, be it of ASCII, of C1 as UTF-8 has it,
 * or one that turns the direction of writing: for text of strangers that ends up on a terminal or in a
 * line. */
void str_blank_controls(char *s);

/* True when `s` is well-formed UTF-8 without U+0000. D-Bus disconnects who sends other strings. */
bool str_is_utf8(const char *s);

/* Replaces what is not well-formed UTF-8 by '?', in place. */
void str_make_utf8(char *s);

/* The edit distance of two short words (at most 64 bytes each, else SIZE_MAX): for "did you mean". */
size_t str_distance(const char *a, const char *b);

size_t strv_length(char *const *list);
bool strv_contains(char *const *list, const char *s);

/* Appends a copy. Errors: -ENOMEM. */
int strv_append(char ***list, const char *s);
/* Appends, and owns `take_s` in any case. Errors: -ENOMEM. */
int strv_append_take(char ***list, char *take_s);
/* Appends copies of all of `more`. Errors: -ENOMEM. */
int strv_append_all(char ***list, char *const *more);
/* The strings with `separator` between; "" for the empty list. NULL when memory is out. */
char *strv_join(char *const *list, const char *separator);
/* Splits at any byte of `separators`, leaving out empty pieces. NULL when memory is out; an empty
 * list is a list with no strings. */
char **strv_split(const char *s, const char *separators);

char **strv_free(char **list);
DEFINE_CLEANUP(char **, strv_free);
#define _cleanup_strv_ _cleanup_(strv_freep)

#define STRV_FOREACH(s, list) for (char *const *s = (list); s && *s; s++)
