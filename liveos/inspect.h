/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Looks at the customized image for everything that the media need of it. */

#include "common/failure.h"
#include "liveos/build.h"

/* Stage "inspect": learns os_release, arch, dracut, kernels, loaders, and the menu (grub_cfg,
 * grub_env, bls_entries). Errors: -ENOPKG when the image lacks something; -EOPNOTSUPP for another
 * machine's image, or for entries of its menu that no medium can hold. */
int stage_inspect(Build *build, Failure *reterr);
