/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The boot menus of a medium: the image's own grub.cfg, made live, and what leads a loader to it. */

#include "common/failure.h"
#include "liveos/build.h"

/* The text of a menu; caller frees. MEDIUM_PXE needs a PXE URL with bootstrap. */
int menu_make(const Build *build, MediumKind menu, char **ret, Failure *reterr);

/* Writes a medium's menus, its grubenv, and a redirector where the loader's built-in prefix is
 * elsewhere. */
int menu_write(const Build *build, MediumKind medium, const char *prefix, Failure *reterr);
