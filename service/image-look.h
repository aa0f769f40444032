/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Looks at images that nobody has imported: a worker says what each is, one after the other, in the
 * background. A file is looked at once; what was found is remembered until it changes.
 */

#include "common/cleanup.h"
#include "service/images.h"
#include "service/manager.h"

/* Begins with the first of the images that nothing is known of, unless a look runs already; the others follow.
 * Blocks for an exec. */
void image_look_begin(Manager *manager, const Images *images);

/* Ends a look that still runs; nothing is remembered of it. */
ImageLook *image_look_free(ImageLook *look);
DEFINE_CLEANUP(ImageLook *, image_look_free);
