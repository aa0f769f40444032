/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writing an artifact where the user wants it, with the user's rights. Everything is copied beside
 * its place, compared with its digest, and appears when it is whole. The files of a PXE tree have the
 * permissions that the build gave them, in a folder less the umask; an ISO is a file like any other.
 */

#include <stdbool.h>
#include <stdio.h>

#include "client/artifact.h"
#include "client/place.h"
#include "common/failure.h"
#include "common/json.h"

typedef enum OutputFormat {
        OUTPUT_ISO,     /* a file */
        OUTPUT_PXE_DIR, /* a folder */
        OUTPUT_PXE_TAR, /* a file, .tar.gz */
        _OUTPUT_FORMAT_MAX,
        _OUTPUT_FORMAT_INVALID = -22, /* -EINVAL */
} OutputFormat;

/* "iso", "pxe-dir", "pxe-tar". */
const char *output_format_to_string(OutputFormat format);
OutputFormat output_format_from_string(const char *s);

typedef struct Output {
        OutputFormat format;
        Place main; /* the file or folder */
        Place pxe;  /* with OUTPUT_ISO: the PXE tree beside it; its path is NULL for none */
} Output;

#define OUTPUT_NULL                                                            \
        (Output) {                                                             \
                .main = { .folder_fd = -EBADF }, .pxe = {.folder_fd = -EBADF } \
        }

/* Looks at the places, before anything is built for them. `pxe_folder` may be NULL. Borrows both
 * paths. */
int output_open(OutputFormat format,
                const char *path,
                const char *pxe_folder,
                PlaceFlags flags,
                Output *ret,
                Failure *reterr);

/* Writes everything. Errors: -ENODATA when the artifact has no such files; -EILSEQ when a copy is
 * not what it should be; -ECANCELED after ^C. Nothing is left of what could not be completed. */
int output_write(Output *output, const Artifact *artifact, Failure *reterr);

/* A line with path and size for each result. */
void output_print(const Output *output, const Artifact *artifact, FILE *to);

/* An object for each result, in the array that is open. */
void output_to_json(const Output *output, const Artifact *artifact, Json *json);

void output_done(Output *output);
#define _cleanup_output_ _cleanup_(output_done)
