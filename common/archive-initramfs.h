/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The archives that an initramfs consists of, as the library has them open. Inside of the archives only;
 * everybody else uses common/archive.h.
 */

#include "common/archive.h"

struct archive;

/* Reads one of the archives to its end. Any return but 0 ends the visit and is its answer. */
typedef int (*ArchiveInitramfsFn)(void *userdata, struct archive *from, Failure *reterr);

/* Visits the archives in order, up to the first that is compressed. A row has at most so many entries.
 * Errors: -EBADMSG, -ENOMEM. */
int archive_visit_initramfs(
                const ArchivePlace *place,
                uint64_t max_entries,
                ArchiveInitramfsFn visit,
                void *userdata,
                Failure *reterr);

/* The failure that the library has met, at the file of that name (NULL: at none). Returns -ENOSPC or -EBADMSG. */
int archive_refuse_initramfs(struct archive *a, const char *name, Failure *reterr);
