/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Order of version strings as package managers see it: runs of digits by value, runs of letters by
 * their bytes, digits above letters, `~` below everything, even the end. `-` begins the next part,
 * the release: it counts only where all before it is the same. What else separates the runs does not
 * count. Pure.
 */

/* Negative, zero or positive as strcmp(). */
int version_compare(const char *a, const char *b);
