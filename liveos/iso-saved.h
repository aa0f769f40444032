/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What an ISO remembers of the configs that it was made with: read from an ISO that is the image, inside the
 * container, and written onto the one that is made. */

#include "common/failure.h"
#include "liveos/build.h"

/* Fills `build->saved`; with nothing when the ISO has no such files. Errors: -EBADMSG. */
int iso_saved_read(Build *build, Failure *reterr);

/* Puts the files onto the ISO's tree: what it had, and what this config adds. */
int iso_saved_put(const Build *build, Failure *reterr);
