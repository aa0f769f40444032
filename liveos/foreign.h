/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Images for another machine than this host. Their files are files like others, but what a build runs of
 * the image (its dracut, scripts of the config) has to run here. */

#include "common/failure.h"
#include "liveos/build.h"

/* Whether the build can be done on this host, asked before minutes are spent on it. An image for another
 * machine passes if nothing of it has to run, or if the host can run it all the same (binfmt_misc with an
 * emulator). Runs a shell of the image. Errors: -ENOEXEC, those of arch_read(). */
int foreign_check(const Build *build, Failure *reterr);
