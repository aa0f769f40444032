/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Looks at an image's tree for everything that the media need of it: as the image is, before anything
 * is done to it, and once more as the customization has left it. One table of steps for both, and for
 * plans, which want to know all that is wrong and not the first thing alone.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* The steps, as bits of Build.known once they have succeeded. */
typedef enum InspectStep {
        INSPECT_SPACE,
        INSPECT_OS,
        INSPECT_ARCH,
        INSPECT_FOREIGN,
        INSPECT_KERNELS,
        INSPECT_KERNEL_CONFIG,
        INSPECT_LOADERS,
        INSPECT_MENU,
        INSPECT_DRACUT,
        INSPECT_URL,
        INSPECT_ISO_INITRDS,
        INSPECT_DOWNLOADS,
        INSPECT_SELINUX,
        INSPECT_LABELS,
        INSPECT_LIVE_MENUS,
        INSPECT_SECURE_BOOT,
        _INSPECT_STEP_MAX,
} InspectStep;

/* Whether these steps have succeeded; a mask of 1 << InspectStep. */
bool inspect_knows(const Build *build, unsigned steps);

/* Stage "preflight": the image as it is. A build ends here at what nothing in the config can mend; a plan
 * reports all problems and goes on. Errors: as of stage_inspect(). */
int stage_preflight(Build *build, Failure *reterr);

/* Stage "inspect", for images that are customized: the first problem is the last. Errors: -ENOPKG when
 * the image lacks something; -EOPNOTSUPP for another machine's image, or for entries of its menu that
 * no medium can hold; -ENOSPC. */
int stage_inspect(Build *build, Failure *reterr);

/* One step: the menu, below the root. */
int inspect_menu(Build *build, int root_fd, Failure *reterr);
