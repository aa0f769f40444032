/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The extended attributes of one entry. Inside of the archives only; everybody else uses
 * common/archive.h. Calls block.
 */

#include <stddef.h>

#include "common/archive.h"
#include "common/walk.h"

typedef struct ArchiveAttribute {
        char *name;
        char *value; /* any bytes */
        size_t size;
} ArchiveAttribute;

typedef struct ArchiveAttributes {
        ArchiveAttribute *items;
        size_t n_items;
} ArchiveAttributes;

/* Those of the entry, a link's own when it is one, that `is_wanted` likes; none where the file system knows of
 * none. Needs /proc. Errors: -ENOMEM, and those of reading. */
int archive_attributes_read(
                const WalkEntry *entry,
                bool (*is_wanted)(const char *name),
                ArchiveAttributes *ret,
                Failure *reterr);

/* Adds the attribute, or takes the place of the one of that name. Takes the value over in any case.
 * Errors: -ENOMEM. */
int archive_attributes_set(
                ArchiveAttributes *attributes,
                const char *name,
                char *take_value,
                size_t size);

/* Frees what it holds, not itself. */
void archive_attributes_done(ArchiveAttributes *attributes);
