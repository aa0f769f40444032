/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The manifest of an artifact, as far as the service has to know it: which files there are and what
 * they boot from. A worker wrote it, and one that may have been taken over: what it names is looked
 * for below the artifact's files/ only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/digest.h"
#include "common/failure.h"

#define MANIFEST_MAX_BYTES (1024U * 1024U)
#define MANIFEST_FILES_MAX 4096U
#define MANIFEST_PATH_MAX  1024U

typedef struct ManifestFile {
        char *path; /* relative, no "..", no empty part, printable */
        uint64_t size_bytes;
        mode_t permissions; /* as it was built, 0 to 0777; in the store it can be read only */
        char digest[DIGEST_SIZE];
} ManifestFile;

typedef struct Manifest {
        ManifestFile *files; /* sorted by path; the manifest, which cannot list itself, is among them */
        size_t n_files;
        char *bootstrap_url; /* what the PXE files boot from; NULL: they carry all themselves */
} Manifest;

/* Pure. Takes the text as hostile: paths stay inside, digests are digests, permissions have no set-id
 * bits, all is bounded.
 * Errors: -EIO with a sentence, -ENOMEM. */
int manifest_parse(const char *text, size_t size, Manifest *ret, Failure *reterr);

/* NULL when it names no such file. */
const ManifestFile *manifest_find(const Manifest *manifest, const char *path);

/* Whether there is anything for a PXE server. */
bool manifest_has_pxe(const Manifest *manifest);

/* Whether the PXE files can be served by a target whose HTTP root is reached as `url`. Pure.
 * Errors: -ENOPKG with a sentence that names both. */
int manifest_check_url(const Manifest *manifest, const char *url, Failure *reterr);

void manifest_done(Manifest *manifest);
#define _cleanup_manifest_ _cleanup_(manifest_done)
