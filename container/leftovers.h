/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Mounts and loop devices that a dead worker left. The kernel takes both away with the last process
 * that used them, so there is something here only after what cannot be foreseen. Whose they are is said
 * by the path that they use, and for loop devices by the device that it lies on: never by a number.
 */

#include <sys/types.h>

/* Takes off everything that is mounted below a path that begins with `prefix` in this process's mount
 * namespace. Returns how many there were. Errors: -EBUSY when one stays. */
int leftovers_unmount(const char *prefix);

/* Clears the loop devices with a backing file whose path begins with `prefix`, on the file system
 * `device`; one in use clears itself when that ends. Returns how many there were. Errors: -EBUSY when
 * one stays. */
int leftovers_clear_loops(const char *prefix, dev_t device);
