/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From a grub.cfg that takes its menu out of files (`blscfg`) to one that has it inside, as
 * menuentry blocks: what grub_make_live() then makes live, as any other. Blocks, and not files
 * beside the menu, on every medium: over TFTP no folder can be listed, an ISO's grub may be one
 * that does not know the command, and with blscfg the variables of an entry would bring the
 * installed system's root= back. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/failure.h"
#include "liveos/bls.h"
#include "liveos/grub-live.h"

/* Where a grub.cfg has its menu. */
typedef struct GrubMenuSource {
        bool has_linux;  /* commands that start a kernel */
        bool has_blscfg; /* the command that reads the files */
} GrubMenuSource;

/* Errors: those of grub_script_parse(). */
int grub_find_menu_source(const char *text, GrubMenuSource *ret, Failure *reterr);

/* What an entry's menuentry block needs beside the entry. All borrowed. */
typedef struct GrubBls {
        const BlsEntries *entries;
        const char *env;           /* the image's grubenv */
        const GrubKernel *kernels; /* as in GrubLive */
        size_t n_kernels;
} GrubBls;

/* Puts the entries where the first blscfg command is; of its variables the values of grubenv, else
 * of grub.cfg. Entries for kernels that the medium does not have are left out. A text without the
 * command comes back as it is. Caller frees. Errors: those of grub_script_parse(); -ENOPKG when
 * neither an entry nor the text itself starts a kernel; -E2BIG and -ENOEXEC for options that no
 * kernel takes. */
int grub_bls_to_menu(const char *text, const GrubBls *bls, char **ret, Failure *reterr);
