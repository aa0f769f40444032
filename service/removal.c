/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Removal of trees. */

#include "service/removal.h"

#include <assert.h>

#include "common/fs.h"

typedef struct Items {
        const RemovalItem *items;
        size_t n_items;
} Items;

static int remove_items(const void *argument, Failure *reterr) {
        const Items *all = argument;
        int result = 0;

        for (size_t i = 0; i < all->n_items; i++) {
                int r = fs_remove_tree(all->items[i].folder_fd, all->items[i].name);

                if (r < 0 && result == 0)
                        result = failure_set_errno(
                                        reterr,
                                        r,
                                        "'%s' cannot be removed",
                                        all->items[i].name);
        }
        return result;
}

int removal_start(
                Chore **ret,
                sd_event *event,
                const RemovalItem *items,
                size_t n_items,
                ChoreCallback callback,
                void *userdata) {
        const Items all = { items, n_items };
        ChoreWork work = { .run = remove_items, .argument = &all, .n_fds = n_items };

        assert(n_items <= REMOVAL_ITEMS_MAX);
        for (size_t i = 0; i < n_items; i++)
                work.fds[i] = items[i].folder_fd;
        return chore_start(ret, event, &work, callback, userdata);
}
