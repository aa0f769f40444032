/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Removal of trees that may be large, as a chore.
 */

#include <stddef.h>
#include <systemd/sd-event.h>

#include "service/chore.h"

#define REMOVAL_ITEMS_MAX 2

/* Borrowed until removal_start() returns. */
typedef struct RemovalItem {
        int folder_fd;
        const char *name; /* of a file or tree in the folder; being gone already is fine */
} RemovalItem;

/* Starts it; all items are tried, and the first error counts. As chore_start(). */
int removal_start(
                Chore **ret,
                sd_event *event,
                const RemovalItem *items,
                size_t n_items,
                ChoreCallback callback,
                void *userdata);
