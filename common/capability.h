/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The capabilities of a process, as sets of bits. */

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

#define CAPABILITY(name) (UINT64_C(1) << (name))

/* Reduces the calling process to these, for good: bounding, permitted and effective set, nothing
 * inheritable or ambient. Never adds one. Errors: of prctl(2) and capset(2). */
int capability_limit(uint64_t keep);

/* Puts capabilities that the process is permitted into its effective set, or takes them out of it.
 * Returns 1 when that changed something, 0 when not, or when it is not permitted all of them. Errors:
 * of capset(2). */
int capability_set_effective(uint64_t mask, bool on);
