/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The files of boot loaders and kernels, copied out of the image, wherever in it they lie. Run in the
 * container; all block. */

#include "common/failure.h"
#include "liveos/build.h"

/* Copies what the descriptor has into a new or emptied file that everybody may read. */
int loader_copy_fd(int from_fd, const char *to_path);

/* Copies a file of the image's root, a path without a leading '/'. */
int loader_copy_from_root(const char *path, const char *to_path, Failure *reterr);

/* Copies a loader off the image's ESP or out of its root. */
int loader_copy(const Build *build, const LoaderFile *loader, const char *to_path, Failure *reterr);

/* Where the medium's GRUB, copied to `grub_path`, looks for its menu. Errors: -ENOPKG when it does not
 * tell. */
int loader_find_prefix(
                const Build *build,
                MediumKind medium,
                const char *grub_path,
                char ret_prefix[static LOADER_PREFIX_MAX],
                Failure *reterr);
