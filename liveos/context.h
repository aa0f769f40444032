/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The context: unpacked below PLACE_CONTEXT, and the config in it parsed. The service has had both
 * judged before, so a mistake found here says that they were exchanged.
 */

#include "common/archive.h"
#include "common/failure.h"
#include "liveos/build.h"

#define CONTEXT_ENTRIES_MAX 10000

/* What a context may hold, given the order. */
ArchiveLimits context_limits(const Order *order);

/* Writes the files of a tar stream below the folder. Nothing is made elsewhere, whoever made the stream
 * and whatever lies in the folder. Blocks. Errors: those of archive_visit() and of writing. */
int context_unpack(int context_fd, const ArchiveLimits *limits, int folder_fd, Failure *reterr);

/* Stage "context": learns config, config_digest, initramfs, bootstrap_url and iso_name. */
int stage_context(Build *build, Failure *reterr);

/* Opens a file of the context by its entry name, read-only. Errors: -ENOENT. */
int context_open(const char *entry, Failure *reterr);
