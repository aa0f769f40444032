/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a single program of the host needs to run at all, for roots that have nothing else. Not for users
 * of the room. */

#include <stddef.h>

/* What its dynamic linker needs: folders, files, or links to them; each may be missing. */
extern const char *const program_libraries[];
extern const size_t n_program_libraries;

extern const char *const program_devices[];
extern const size_t n_program_devices;
