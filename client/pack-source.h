/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Files and folders on their way into a context. A name comes into it once, also when a file is named
 * by itself and lies in a folder that is named, too.
 */

#include "common/archive.h"
#include "common/cleanup.h"
#include "common/failure.h"

/* The names that are in the context. */
typedef struct PackNames {
        void *tree;
} PackNames;

void pack_names_done(PackNames *names);
#define _cleanup_pack_names_ _cleanup_(pack_names_done)

/* Borrowed. */
typedef struct PackSource {
        const char *path;  /* for sentences */
        const char *entry; /* its name in the context */
        int fd;            /* open for reading */
} PackSource;

/* Errors: -EBUSY when the file changed meanwhile. Blocks. */
int pack_add_file(ArchiveWriter *w, const PackSource *source, PackNames *names, Failure *reterr);

/* With everything below it. Errors: -EINVAL when there is anything but files and folders; otherwise as
 * pack_add_file(). Blocks. */
int pack_add_folder(ArchiveWriter *w, const PackSource *source, PackNames *names, Failure *reterr);
