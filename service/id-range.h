/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The ids that running jobs have, one range each. A range is not given out while a process still has an
 * id of it: that could look at and signal the processes of the next job. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_RANGE_SIZE 65536U

/* Sets those of `n_ranges` to true that a process has an id of; the first begins at `base`. Blocks for
 * one look through /proc. Errors: when that cannot be read; -ENOMEM. */
int id_range_mark_used(uint32_t base, bool *used, size_t n_ranges);
