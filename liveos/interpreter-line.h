/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The first line of a script, "#!/usr/bin/python3 -u", taken apart as the kernel does: a program and, with
 * all its blanks, one argument. Here so that it counts whether or not the file came with the right to be
 * executed. Pure.
 */

#include <stddef.h>

/* As much of a script as has to be read for it. */
#define INTERPRETER_LINE_MAX 4096U

/* Appends the line's words to the list. Returns 1, or 0 and nothing appended when the text begins with no
 * such line. Errors: -ENOMEM. */
int interpreter_line_read(const char *text, size_t size, char ***words);
