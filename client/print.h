/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What pxectl says, where strangers may have written it: a terminal must not obey them. That it could
 * not be written is found out once, at the end of the program.
 */

#include <stdio.h>

#include "common/json.h"

/* One line: control characters (str_control_size()) become blanks, a newline follows. */
void print_line(FILE *to, const char *text);

/* Lines as they are; control characters but newline and tab are left out. */
void print_lines(FILE *to, const char *text);

/* Finishes the document and writes it to standard output. Errors: -ENOMEM. */
int print_json(Json *json);
