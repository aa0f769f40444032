/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The end of groups of processes, also of those whose maker has died: what is in them is killed, and the group
 * removed. Blocks until it is gone, two seconds at most for each.
 */

/* The group of that name in the folder; none is fine. Errors: -EBUSY when it could not be removed in time,
 * those of openat() and unlinkat(). */
int cgroup_remove(int folder_fd, const char *name);

/* The groups next to those of this process whose name is `name`, or begins with it when it ends with a '-'.
 * Returns how many there were. Errors: -EBUSY when one could not be removed. */
int cgroup_sweep(const char *name);
