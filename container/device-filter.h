/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which device nodes the processes of a group may open, whatever nodes they find or make: the five
 * harmless ones and terminals. One table for both versions of cgroups. */

#include <stddef.h>

/* A character device; minor DEVICE_ANY for all of that major number. */
typedef struct DeviceRule {
        unsigned major;
        unsigned minor;
} DeviceRule;

#define DEVICE_ANY (~0u)

extern const DeviceRule device_rules[];
extern const size_t n_device_rules;

/* Puts the wall on a group of version 2, for as long as the group lives. `group_fd` is its folder.
 * Needs CAP_SYS_ADMIN. Errors: of bpf(2). */
int device_filter_attach(int group_fd);
