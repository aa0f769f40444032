/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A filter as its table has it, for reading. What the library makes of it is seccomp_print()'s. */

#include <stdio.h>

#include "container/seccomp.h"

void seccomp_print_table(SeccompFilter filter, FILE *f);
