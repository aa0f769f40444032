/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Packing: the config and the files that it names become a context, read with the user's own rights.
 * The same judgement as the service's comes first, so that most mistakes are told without it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/cleanup.h"
#include "common/failure.h"
#include "config/config.h"
#include "config/diagnostics.h"
#include "config/order.h"

typedef struct Pack {
        const char *path; /* of the config, as given; borrowed */
        char *text;
        size_t text_size;
        char *sources; /* JSON: what the command line adds to os.packages.sources; NULL for nothing */
        char **bases; /* list: texts of the base configs, in the order of reading */
        Config config;
        Diagnostics diagnostics;
        int folder_fd; /* what relative paths in the config start from */
} Pack;

#define PACK_NULL                   \
        (Pack) {                    \
                .folder_fd = -EBADF \
        }

typedef enum PackSourceFlags {
        PACK_TRUSTED = 1 << 0, /* of folders, no signature is checked */
        PACK_NO_IMAGE_REPOSITORIES = 1 << 1,
} PackSourceFlags;

/* Folders of packages and repository files that the command line names, for pack_load(), which must come
 * later. Errors: -ENOENT and others of stat(). */
int pack_add_package_sources(
                Pack *pack,
                char *const *paths,
                PackSourceFlags flags,
                Failure *reterr);

/* Reads and parses the config; "-" is standard input, whose folder is the current one. Borrows
 * `path`. Errors: -EBADMSG when it is not valid: then the diagnostics say why. */
int pack_load(const char *path, Pack *ret, Failure *reterr);

/* Judges it for what is to be made, and whether the files that it names can be read; the service looks at
 * the image. Errors: -EBADMSG as above. */
int pack_check(Pack *pack, const Order *order, ConfigImage image, Failure *reterr);

/* Judges the output image format that the config says, unless the command line has said one in `word` (may be
 * NULL). Before pack_check(). Errors: -EBADMSG as above. */
int pack_check_format(Pack *pack, const char *word, Failure *reterr);

bool pack_names_files(const Pack *pack);

/* The context, as a descriptor of a file without a name, positioned at its start. */
int pack_write(const Pack *pack, int *ret_fd, Failure *reterr);

/* A path that is seen from the config's folder, as it is seen from ours. NULL when memory is out. Caller
 * frees. */
char *pack_path(const Pack *pack, const char *path);

/* The path of the text that a mistake is in; otherwise as pack_path(). */
char *pack_file_name(const Pack *pack, const Diagnostic *diagnostic);

/* "FILE:LINE:COLUMN: error: …", a line for each. */
void pack_print_diagnostics(const Pack *pack, FILE *to);

void pack_done(Pack *pack);
#define _cleanup_pack_ _cleanup_(pack_done)
