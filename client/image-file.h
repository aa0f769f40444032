/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A disk image of the user's own, for a call that hands it to the service. */

#include "common/failure.h"

/* Opens it for reading, with the user's own rights. Returns a descriptor. Errors: -ENOTSUP when it is no
 * regular file, -ENOEXEC when it is empty, those of open(2). */
int image_file_open(const char *path, Failure *reterr);
