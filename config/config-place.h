/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* A place in the config's text or in that of a base config; {} for what has none. Line and column
 * count from 1. */
typedef struct ConfigPlace {
        uint32_t line;
        uint32_t column;
        uint32_t file; /* 0: the config itself, else a number of diagnostics_add_file() */
} ConfigPlace;
