/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Changes to a text by byte offsets; what no change names stays to the byte. Pure. */

#include <stddef.h>

typedef struct GrubEdit {
        size_t begin;      /* first byte that goes */
        size_t end;        /* first byte that stays; = begin: an insertion */
        size_t number;     /* in the order of their coming */
        char *replacement; /* owned */
} GrubEdit;

typedef struct GrubEdits {
        GrubEdit *items;
        size_t n_items;
        size_t n_allocated;
} GrubEdits;

/* Notes a change. Changes may come in any order but must not overlap; insertions at one place keep
 * the order in which they came. Owns `take_replacement` in any case. Errors: -ENOMEM, also when the
 * replacement is NULL. */
int grub_edits_add(GrubEdits *edits, size_t begin, size_t end, char *take_replacement);

/* The text with all changes. Caller frees. Errors: -EINVAL when changes overlap or lie outside,
 * -ENOMEM. */
int grub_edits_apply(GrubEdits *edits, const char *text, char **ret);

void grub_edits_done(GrubEdits *edits);
#define _cleanup_grub_edits_ _cleanup_(grub_edits_done)
