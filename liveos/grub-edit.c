/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Changes to a text, collected first and made in one go, so that offsets never have to be moved. */

#include "liveos/grub-edit.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/cleanup.h"

int grub_edits_add(GrubEdits *edits, size_t begin, size_t end, char *take_replacement) {
        _cleanup_free_ char *replacement = take_replacement;
        size_t more = edits->n_allocated > 0 ? edits->n_allocated * 2 : 16;

        assert(begin <= end);
        if (!replacement)
                return -ENOMEM;
        if (edits->n_items == edits->n_allocated) {
                GrubEdit *items = reallocarray(edits->items, more, sizeof(GrubEdit));

                if (!items)
                        return -ENOMEM;
                edits->items = items;
                edits->n_allocated = more;
        }
        edits->items[edits->n_items] = (GrubEdit){ .begin = begin,
                                                   .end = end,
                                                   .number = edits->n_items,
                                                   .replacement = TAKE_PTR(replacement) };
        edits->n_items++;
        return 0;
}

static int compare_sizes(size_t a, size_t b) {
        return (a > b) - (a < b);
}

/* By place; at one place insertions come before what goes there, in the order of their coming. */
static int compare_edits(const void *a, const void *b) {
        const GrubEdit *x = a, *y = b;
        int r = compare_sizes(x->begin, y->begin);

        if (r == 0)
                r = compare_sizes(x->end, y->end);
        return r != 0 ? r : compare_sizes(x->number, y->number);
}

int grub_edits_apply(GrubEdits *edits, const char *text, char **ret) {
        _cleanup_buffer_ Buffer result = {};
        size_t at = 0, size = strlen(text);

        if (edits->n_items > 0)
                qsort(edits->items, edits->n_items, sizeof(GrubEdit), compare_edits);
        for (size_t i = 0; i < edits->n_items; i++) {
                const GrubEdit *edit = &edits->items[i];

                if (edit->begin < at || edit->end > size)
                        return -EINVAL;
                if (buffer_append(&result, text + at, edit->begin - at) < 0 ||
                    buffer_append_string(&result, edit->replacement) < 0)
                        return -ENOMEM;
                at = edit->end;
        }
        if (buffer_append(&result, text + at, size - at) < 0)
                return -ENOMEM;
        *ret = buffer_take(&result);
        return *ret ? 0 : -ENOMEM;
}

void grub_edits_done(GrubEdits *edits) {
        for (size_t i = 0; i < edits->n_items; i++)
                free(edits->items[i].replacement);
        free(edits->items);
        *edits = (GrubEdits){};
}
