/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the image mounts where: fstab(5), read with bounds. Pure but for fstab_read(). */

#include <stddef.h>

#include "common/failure.h"

#define FSTAB_MAX_BYTES   (64U * 1024U)
#define FSTAB_MAX_ENTRIES 128

typedef struct FstabEntry {
        char *spec; /* UUID=…, LABEL=…, PARTUUID=…, PARTLABEL=…, a path; without quotes */
        char *path; /* where to, absolute, no "." or ".." in it, no '/' at its end; "none" for swap */
        char *type;    /* "auto" when unset */
        char *options; /* "defaults" when unset */
} FstabEntry;

typedef struct Fstab {
        FstabEntry *items; /* in the order of the file */
        size_t n_items;
} Fstab;

/* Octal escapes (\040) are undone. Errors: -ENOEXEC when a line has no mount point or one that is
 * not absolute or has "..", -E2BIG when there are too many lines. */
int fstab_parse(const char *text, Fstab *ret, Failure *reterr);

/* Reads etc/fstab; none is an empty one. Blocks. Errors: those of fstab_parse() and of reading. */
int fstab_read(int root_fd, Fstab *ret, Failure *reterr);

/* The last entry for the path (it hides those before), NULL when there is none. */
const FstabEntry *fstab_find(const Fstab *fstab, const char *path);

/* The value of an option such as "subvol" of `subvol=@`; "" for one without a value, NULL when it is
 * not set. The last one wins. Caller frees. Errors: -ENOMEM. */
int fstab_entry_option(const FstabEntry *entry, const char *name, char **ret);

void fstab_done(Fstab *fstab);
#define _cleanup_fstab_ _cleanup_(fstab_done)
