/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The context: unpacked below PLACE_CONTEXT, and the config in it parsed. The service has had both
 * judged before, so a mistake found here says that they were exchanged.
 */

#include "common/archive.h"
#include "common/digest.h"
#include "common/failure.h"
#include "liveos/build.h"

#define CONTEXT_ENTRIES_MAX 10000

/* What a context may hold, given the order. */
ArchiveLimits context_limits(const Order *order);

/* Writes the files and folders of a tar stream below the folder. Nothing is made elsewhere, whoever made the stream
 * and whatever lies in the folder. Blocks. Errors: those of archive_visit() and of writing. */
int context_unpack(int context_fd, const ArchiveLimits *limits, int folder_fd, Failure *reterr);

/* The texts of a context: the config, its base configs and what the command line added. */
typedef struct ContextTexts {
        char *config;
        size_t config_size;
        char **bases;  /* list: in the order in which config_parse_texts() asks for them */
        char *sources; /* CONTEXT_SOURCES; NULL: none */
        size_t sources_size;
} ContextTexts;

/* As config_parse_texts(). */
int context_parse(ContextTexts *texts, Config *ret, Diagnostics *diagnostics);

/* SHA-256 of the config's text; with base configs, or what the command line added, that of the digests of
 * all texts in the order above, each with a newline. Errors: -ENOMEM. */
int context_digest(const ContextTexts *texts, char ret_digest[static DIGEST_SIZE]);

void context_texts_done(ContextTexts *texts);

/* Stage "context": learns config, config_digest, initramfs, kdump, bootstrap_url and iso_name. */
int stage_context(Build *build, Failure *reterr);

/* Opens a file of the context by its entry name, read-only. Errors: -ENOENT. */
int context_open(const char *entry, Failure *reterr);

/* The same of a folder. */
int context_open_folder(const char *entry, Failure *reterr);
