/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The version of an image's dracut, by which its ways differ (liveos/dracut.c). */

#include "common/failure.h"

/* Room for a version as the image says it: "059-4". */
#define DRACUT_VERSION_SIZE 64

/* "059", "102-7.azl3", "110+suse.3". Errors: -EINVAL. Pure. */
int dracut_version_parse(const char *text, unsigned *ret_version);

/* Out of the image's files: 59, and "059-4". Blocks. Errors: -ENOENT when no dracut is there; -ENOPKG, with a
 * sentence, when its files do not tell; those of reading. */
int dracut_version_read(
                int root_fd,
                unsigned *ret_version,
                char ret_text[static DRACUT_VERSION_SIZE],
                Failure *reterr);
