/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the config adds to what an image has: files whose sizes are known, as they came with it; and packages
 * and scripts, of which nobody knows before they have run. Runs in the container, after the stage "context".
 */

#include <stdint.h>

#include "common/failure.h"
#include "liveos/build.h"

/* Told of a file that the config puts into the OS: the path is without a leading '/'. The descriptor is of its
 * content and borrowed; -EBADF when that is in the config's own text. A negative return ends the round. */
typedef int (*ForecastAddedFn)(
                void *userdata,
                const char *path,
                int fd,
                uint64_t size_bytes,
                Failure *reterr);

/* Each file of os.additionalDirs and os.additionalFiles, in the order in which a build writes them: of two with
 * one path the last one stays. Blocks. Errors: those of the callback and of reading the context. */
int forecast_added_to_os(
                const Build *build,
                ForecastAddedFn on_file,
                void *userdata,
                Failure *reterr);

/* What users have put on a medium: the files of the config for it, and those of an ISO as the image that stay
 * there. Blocks. Errors: those of reading the context. */
int forecast_added_to_medium(
                const Build *build,
                MediumKind medium,
                uint64_t *ret_bytes,
                Failure *reterr);

/* What the config asks for that changes sizes by an unknown amount: "packages", "scripts", "packages and
 * scripts"; NULL: nothing. Static. Pure. */
const char *forecast_added_unknown(const Config *config);
