/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From the image's own grub.cfg to that of a Live OS: a pure function from text to text. Entries that
 * start a kernel of the medium are changed, so is what they share; all else stays to the byte.
 * Doing it again with the same wish changes nothing.
 */

#include <stddef.h>

#include "common/failure.h"
#include "liveos/medium.h"

typedef struct GrubKernel {
        const char *version; /* "6.1.0-13-amd64" */
        const char *vmlinuz; /* path on the medium as grub sees it: "/boot/vmlinuz" */
        const char *initrd;  /* "/boot/initrd.img" */
} GrubKernel;

typedef struct GrubLive {
        MediumKind medium;
        const char *label;      /* ISO: the volume that is searched for; not used for PXE */
        const char *root;       /* "live:LABEL=CDROM", "live:http://…"; NULL: no root= at all */
        char *const *arguments; /* list of kernel arguments, each one word or several in a string;
                                        without root= */
        const GrubKernel *kernels; /* newest first; the first stands for what grub.cfg computes */
        size_t n_kernels;
} GrubLive;

/* Caller frees. Errors: -ENOENT when no entry starts a kernel of the medium; -ENOEXEC when the text
 * is not GRUB's language; -E2BIG when a command line gets longer than the kernel takes; -EINVAL when
 * an argument cannot be. */
int grub_make_live(const char *text, const GrubLive *wish, char **ret, Failure *reterr);

/* The menu for a loader's own prefix: leads to the real one (/boot/grub2/grub.cfg). For an ISO with a
 * label it first finds the volume, so it also works on an EFI system partition beside the volume;
 * NULL for PXE. Caller frees; NULL when memory is out. */
char *grub_make_redirector(const char *label);
