/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The initrds: for bootstrap one for each kernel, made by the image's own dracut; for full-os one
 * with the whole system in it. Both are compressed once, by us, with all processors.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Stage "initrd": makes MEDIA_INITRD/VERSION or MEDIA_INITRD/INITRD_FULL_OS. */
int stage_initrd(Build *build, Failure *reterr);

/* Compresses a file as initrds are. Errors: as of run_logged(). */
int initrd_compress_file(
                const Build *build,
                const char *from_path,
                const char *to_path,
                Failure *reterr);

/* Writes a cpio with the device nodes that a user namespace cannot make, for the end of an initrd. */
int initrd_add_nodes(int fd, Failure *reterr);
