/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lists of objects by number. New numbers are the highest, so that inserting looks from the end. */

#include "service/id-list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t id_of(const void *item) {
        return *(const uint32_t *) item;
}

void *id_list_find(const IdList *list, uint32_t id) {
        for (size_t i = 0; i < list->n_items; i++)
                if (id_of(list->items[i]) == id)
                        return list->items[i];
        return NULL;
}

int id_list_insert(IdList *list, void *item) {
        void **items = reallocarray(list->items, list->n_items + 1, sizeof(*items));
        size_t at = list->n_items;

        if (!items)
                return -ENOMEM;
        list->items = items;
        for (; at > 0 && id_of(items[at - 1]) > id_of(item); at--)
                items[at] = items[at - 1];
        items[at] = item;
        list->n_items++;
        return 0;
}

void id_list_remove(IdList *list, const void *item) {
        for (size_t i = 0; i < list->n_items; i++)
                if (list->items[i] == item) {
                        list->n_items--;
                        memmove(&list->items[i],
                                &list->items[i + 1],
                                (list->n_items - i) * sizeof(*list->items));
                        return;
                }
}

void id_list_done(IdList *list) {
        free(list->items);
        *list = (IdList){};
}
