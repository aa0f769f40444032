/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The name of the OS in an image, found as a build finds it. */

#include "common/failure.h"
#include "liveos/build.h"

/* Reports PLAN_OS, or in the log why it is not known: an image may be taken all the same. `image_fd` is the
 * service's own copy, borrowed; what is known of it in the build is not asked again. Needs ORDER_FD_SCRATCH, and
 * leaves it empty. This process gives up its privilege. Blocks. Errors: -ECANCELED when the lifeline ended; those of unpacking a damaged image, which are
 * reported already, without a sentence. */
int os_name_report(Build *build, int image_fd, Failure *reterr);
