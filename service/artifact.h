/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An artifact: the finished result of a build. The service's own record of it lies beside the
 * worker's files, so that one rename makes both appear. Everything below files/ was written by a
 * worker that may have been taken over: it is opened without following links, only regular files
 * are handed out, and only those that the manifest names.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/digest.h"
#include "common/failure.h"
#include "config/artifact.h"
#include "service/store.h"

#define ARTIFACT_MANIFEST_MAX_BYTES (1024U * 1024U)
#define ARTIFACT_FILES_MAX          4096U
#define ARTIFACT_PATH_MAX           1024U

typedef struct Artifact {
        uint32_t id; /* of the job that made it */
        uid_t owner;
        char *title;
        char *format; /* "iso", "pxe", "iso+pxe" */
        uint64_t created_usec;
        uint64_t size_bytes;
        unsigned n_users; /* jobs that read it now; not in the record */
} Artifact;

typedef struct ArtifactFile {
        char *path;
        uint64_t size_bytes;
        char digest[DIGEST_SIZE];
} ArtifactFile;

/* What the manifest says, as far as the service has to know it. */
typedef struct Manifest {
        ArtifactFile *files; /* sorted by path */
        size_t n_files;
        char *bootstrap_url; /* what the PXE files boot from; NULL: they carry all themselves */
} Manifest;

/* Pure. Takes the text as hostile: paths stay inside, digests are digests, all is bounded.
 * Errors: -EIO with a sentence. */
int manifest_parse(const char *text, size_t size, Manifest *ret, Failure *reterr);
const ArtifactFile *manifest_find(const Manifest *manifest, const char *path);
bool manifest_has_pxe(const Manifest *manifest);
void manifest_done(Manifest *manifest);
#define _cleanup_manifest_ _cleanup_(manifest_done)

/* Makes the folders for a new artifact. Returns a descriptor for files/, which the worker fills. */
int artifact_create_output(const Store *store, uint32_t id, Failure *reterr);
/* The new artifact's folder in store->artifacts_fd, to be removed when nothing comes of it. */
void artifact_format_output(uint32_t id, char ret_name[static 24]);

/* Makes the new artifact appear: reads its manifest, makes the files that it names read-only files of
 * the service's own user, fills size_bytes, writes the record, renames. Blocks for some fsync().
 * Errors: -EIO for a manifest that is missing or makes no sense. */
int artifact_publish(Artifact *artifact, const Store *store, Failure *reterr);

/* Reads the record of an artifact that is there. Errors: -ENOENT, -EBADMSG. */
int artifact_load(const Store *store, uint32_t id, Artifact **ret, Failure *reterr);

/* The manifest as text and as struct; either may be NULL. */
int artifact_read_manifest(
                const Artifact *artifact,
                const Store *store,
                char **ret_text,
                Manifest *ret,
                Failure *reterr);

/* Takes the artifact's name away, for good; what is left has the name in store->artifacts_fd that is
 * returned, to be removed. */
int artifact_hide(const Artifact *artifact, const Store *store, char ret_name[static 24]);

/* Opens files/. Returns a descriptor. */
int artifact_open_files(const Artifact *artifact, const Store *store, Failure *reterr);

/* Opens a file for reading. Returns a descriptor. Errors: -ENOENT when the manifest does not name
 * it. */
int artifact_open_file(
                const Artifact *artifact,
                const Store *store,
                const char *path,
                Failure *reterr);

/* Whether the PXE files can be served by a target whose HTTP root is reached as `url`. Pure.
 * Errors: -ENOPKG with a sentence that names both. */
int artifact_check_target(const Manifest *manifest, const char *url, Failure *reterr);

/* Pure. */
int artifact_format_record(const Artifact *artifact, char **ret_text);
int artifact_parse_record(const char *text, size_t size, Artifact **ret, Failure *reterr);

Artifact *artifact_free(Artifact *artifact);
DEFINE_CLEANUP(Artifact *, artifact_free);
