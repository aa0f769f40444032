/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Keeps passwords out of the log: programs name the URLs that they fetch. Pure. */

#include <stddef.h>

/* Replaces user and password of each URL in the line ("scheme://user:password@host") by stars, in
 * place: the line never grows. `cut_bytes` is the size from which on a line may have been cut; then the
 * beginning of a password at its end is replaced, too. */
void redact_urls(char *line, size_t cut_bytes);
