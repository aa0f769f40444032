/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Keeps some space free in the service's folders, for the host and everybody else on it: while jobs
 * run, it is looked at once a second, and when there is too little the newest job is ended.
 */

#include <stdint.h>

#include "service/manager.h"

typedef struct FreeSpace FreeSpace;

/* What has to stay free of a file system of that size, by limits.freeBytes: that number, or by default a
 * twentieth of it, but not more than 2 GiB. Pure. */
uint64_t free_space_needed(uint64_t wanted_bytes, uint64_t total_bytes);

/* Errors: -ENOMEM. */
int free_space_new(FreeSpace **ret, Manager *manager);
FreeSpace *free_space_free(FreeSpace *space);
DEFINE_CLEANUP(FreeSpace *, free_space_free);
