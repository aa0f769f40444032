/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* An artifact's files as the client gets at them: a list, and a way to open each. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "common/cleanup.h"
#include "common/digest.h"
#include "common/failure.h"
#include "config/artifact.h"

typedef struct ArtifactFile {
        char *path; /* below the artifact; relative, no "..", no empty part */
        uint64_t size;
        char digest[DIGEST_SIZE];
        mode_t permissions; /* for a copy, 0 to 0777 */
} ArtifactFile;

typedef struct Artifact Artifact;

/* Opens one of its files for reading. Returns the descriptor. */
typedef int (*ArtifactOpenFn)(const Artifact *artifact, const char *path, Failure *reterr);

struct Artifact {
        ArtifactFile *files; /* sorted by path */
        size_t n_files;
        ArtifactOpenFn open_file;
        sd_bus *bus;      /* borrowed, and … */
        const char *path; /* … the object: for artifacts of the service */
        int folder_fd;    /* borrowed: for the tests' */
};

/* Asks for the list. Borrows `bus` and `path` as long as the artifact is used. Errors: those of
 * client/call.h; -EPROTO for a list that no service would send. */
int artifact_load(sd_bus *bus, const char *path, Artifact *ret, Failure *reterr);

/* Reads the list out of the answer, `a(stsu)`. Errors: -EBADMSG as artifact_add_file(), and those of
 * sd-bus. */
int artifact_read_list(sd_bus_message *m, Artifact *artifact);

/* Errors: -EBADMSG for a path that leads out, a digest that is none, or permissions beyond 0777. */
int artifact_add_file(
                Artifact *artifact,
                const char *path,
                uint64_t size,
                const char *digest,
                uint32_t permissions);

/* The file with this path, or the first one below it when it ends in '/'; NULL for none. */
const ArtifactFile *artifact_find(const Artifact *artifact, const char *path);

/* Where a file of the PXE tree is in the folder that users get, which has both parts as one; NULL for
 * other files. */
const char *artifact_pxe_path(const ArtifactFile *file);

void artifact_done(Artifact *artifact);
#define _cleanup_artifact_ _cleanup_(artifact_done)
