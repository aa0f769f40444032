/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A boot menu that follows the kernels of the OS. grub-mkconfig does it where it is run; who installs a
 * kernel without it (a package of rpm, a script) gets an entry after the pattern of the menu's first one, and
 * entries of kernels that have been removed go. Pure.
 */

#include <stddef.h>

#include "common/failure.h"
#include "liveos/grub-live.h"

typedef struct GrubFollow {
        const GrubKernel *kernels; /* as in GrubLive */
        size_t n_kernels;
        char *const *before; /* list: versions of the kernels that the menu was made for */
} GrubFollow;

/* Adds an entry for each kernel that was not there before and has none, the newest first; where no entry
 * starts a kernel that is there, for each of all. Takes out the entries that start kernels that were there and
 * are gone. Other entries stay to the byte, and so does a menu without any that starts a kernel. Caller
 * frees. Errors: those of grub_script_parse(). */
int grub_follow_kernels(const char *text, const GrubFollow *follow, char **ret, Failure *reterr);
