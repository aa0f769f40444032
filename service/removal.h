/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Removal of trees that may be large, by a child process, so that the service goes on meanwhile.
 */

#include <stddef.h>
#include <systemd/sd-event.h>

#include "common/cleanup.h"

#define REMOVAL_ITEMS_MAX 2

/* Borrowed until removal_start() returns. */
typedef struct RemovalItem {
        int folder_fd;
        const char *name; /* of a file or tree in the folder; being gone already is fine */
} RemovalItem;

typedef struct Removal Removal;

/* Hears the first error, or 0. The removal may be freed in here. */
typedef void (*RemovalCallback)(int result, void *userdata);

/* Starts it. `ret` NULL: nobody waits for it; then the callback may be NULL, too. Errors: -ENOMEM, and
 * those of fork(). */
int removal_start(
                Removal **ret,
                sd_event *event,
                const RemovalItem *items,
                size_t n_items,
                RemovalCallback callback,
                void *userdata);

/* A child that still runs goes on by itself; nobody hears of its end. */
Removal *removal_free(Removal *removal);
DEFINE_CLEANUP(Removal *, removal_free);
