/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An artifact: the finished result of a build. The service's own record of it lies beside the
 * worker's files, so that one rename makes both appear. Everything below files/ was written by a
 * worker that may have been taken over: it is opened without following links, only regular files
 * are handed out, and only those that the manifest names.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/failure.h"
#include "config/artifact.h"
#include "service/manifest.h"
#include "service/store.h"

typedef struct Artifact {
        uint32_t id; /* of the job that made it */
        uid_t owner;
        char *title;
        char *format; /* "iso", "pxe", "iso+pxe" */
        uint64_t created_usec;
        uint64_t size_bytes;
        unsigned n_users; /* jobs that read it now; not in the record */
} Artifact;

/* Makes the folders for a new artifact. Returns a descriptor for files/, which the worker fills. Errors:
 * -ENOSPC, -EIO, with a sentence. */
int artifact_create_output(const Store *store, uint32_t id, Failure *reterr);
/* The new artifact's folder in store->artifacts_fd, to be removed when nothing comes of it. */
void artifact_format_output(uint32_t id, char ret_name[static STORE_NAME_SIZE]);

/* Makes the new artifact appear: reads its manifest, makes the files that it names read-only files of
 * the service's own user, writes the record with their size and the time, renames. When it returns,
 * all of it is on disk; after an error nothing of it has appeared, unless the disk itself refuses to
 * take it back. Blocks for one fsync() of each file and some more.
 * Errors: -EIO for a manifest that is missing or makes no sense. */
int artifact_publish(const Artifact *artifact, const Store *store, Failure *reterr);

/* Reads the record of an artifact that is there. Blocks. Errors: -ENOENT; -EIO when it is no record of
 * this artifact; with a sentence. */
int artifact_load(const Store *store, uint32_t id, Artifact **ret, Failure *reterr);

/* The manifest as text, which the caller frees, and as struct; either may be NULL. Blocks for the read.
 * Errors: -EIO with a sentence, -ENOMEM. */
int artifact_read_manifest(
                const Artifact *artifact,
                const Store *store,
                char **ret_text,
                Manifest *ret,
                Failure *reterr);

/* Takes the artifact's name away, for good; what is left has the name in store->artifacts_fd that is
 * returned, to be removed. Blocks for one fsync(). After an error the artifact is there as before. */
int artifact_hide(
                const Artifact *artifact,
                const Store *store,
                char ret_name[static STORE_NAME_SIZE]);

/* Opens files/. Returns a descriptor. Errors: -EIO with a sentence. */
int artifact_open_files(const Artifact *artifact, const Store *store, Failure *reterr);

/* Opens a file for reading. Returns a descriptor. Errors: -ENOENT when the manifest does not name
 * it. */
int artifact_open_file(
                const Artifact *artifact,
                const Store *store,
                const char *path,
                Failure *reterr);

/* The record as JSON, and back. Both pure; what is read may be anything. Errors: -EIO with a sentence,
 * -ENOMEM. */
int artifact_format_record(const Artifact *artifact, char **ret_text);
int artifact_parse_record(const char *text, size_t size, Artifact **ret, Failure *reterr);

Artifact *artifact_free(Artifact *artifact);
DEFINE_CLEANUP(Artifact *, artifact_free);
