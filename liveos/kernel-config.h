/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a kernel must be able to do to start a Live OS, and whether it can: by the configuration that it
 * was built with, which distributions keep beside it, and by its list of modules.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/failure.h"
#include "liveos/kernel.h"

typedef struct KernelConfigNeeds {
        bool is_full_os;
        const char *compressor; /* of the squashfs: "zstd", …; not looked at for a full-os */
} KernelConfigNeeds;

/* What is known of a kernel; each NULL where the image does not say. */
typedef struct KernelConfigFacts {
        const char *config;           /* the text of its .config */
        const char *modules;          /* of modules.dep: what it can load */
        const char *modules_built_in; /* of modules.builtin */
} KernelConfigFacts;

/* Appends what is missing to a list, as in "squashfs (CONFIG_SQUASHFS)". Nothing is missing that cannot
 * be known. Pure. Errors: -ENOMEM. */
int kernel_config_find_missing(
                const KernelConfigFacts *facts,
                const KernelConfigNeeds *needs,
                char ***missing);

/* Reads the facts below the root and judges them. Blocks. Errors: -ENOPKG when something is missing, with
 * a sentence that names it and the kernel; those of reading. */
int kernel_config_check(
                int root_fd,
                const Kernel *kernel,
                const KernelConfigNeeds *needs,
                Failure *reterr);
