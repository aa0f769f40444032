/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A look at an image: what it is, by readers that need neither unpack nor mount it, and whether a
 * build would take it as far as those can tell.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Fills in the build's format and, of what is not unpacked first, its partitions and an ISO's files. One look is
 * enough: whoever comes later finds what it saw. Blocks until done or until the lifeline ends.
 * Errors: -EOPNOTSUPP for a format that is not taken, -ENOEXEC for a damaged image, a disk without
 * partition table and an ISO that is no Live OS, -EFBIG for a larger disk than the order takes,
 * -ECANCELED; each with its sentence. */
int look_at_image(Build *build, int image_fd, Failure *reterr);

/* Reports what was seen. */
void look_report(const Build *build);
