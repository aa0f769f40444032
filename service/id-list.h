/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A list of objects by number: jobs, artifacts. An object begins with its number, a uint32_t; the list
 * owns its array only. A few hundred are searched from the start.
 */

#include <stddef.h>
#include <stdint.h>

typedef struct IdList {
        void **items; /* sorted by number */
        size_t n_items;
} IdList;

/* NULL when there is none. */
void *id_list_find(const IdList *list, uint32_t id);

/* Errors: -ENOMEM. */
int id_list_insert(IdList *list, void *item);

/* Takes the object out; does nothing when it is not in the list. */
void id_list_remove(IdList *list, const void *item);

void id_list_done(IdList *list);
