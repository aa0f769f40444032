/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The kernels of an image: a file named for its version in /boot (or with its modules) and a folder
 * of modules of exactly the same version. Rescue kernels are none: the Live OS has its own initrds.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/failure.h"

#define KERNELS_MAX 32

typedef struct Kernel {
        char *version; /* as uname -r says it */
        char *vmlinuz; /* path below the root: "boot/vmlinuz-VERSION" or "usr/lib/modules/…/vmlinuz" */
        char *modules; /* path below the root: "usr/lib/modules/VERSION" or "lib/modules/VERSION" */
        char *vmlinuz_name; /* "vmlinuz-VERSION" */
        char *initrd;       /* file name of its initrd in /boot, or the one that it would have:
                          "initrd.img-VERSION", "initramfs-VERSION.img" */
        bool has_initrd;    /* the image has that file */
} Kernel;

typedef struct Kernels {
        Kernel *items; /* newest first */
        size_t n_items;
} Kernels;

/* How the file name of a kernel's initrd is put together: this, the version, that. */
#define KERNEL_INITRD_FORMS 3
extern const char *const kernel_initrd_forms[KERNEL_INITRD_FORMS][2];

/* Blocks. Errors: -ENOENT when there is no kernel, -E2BIG when there are more than KERNELS_MAX. */
int kernels_find(int root_fd, Kernels *ret, Failure *reterr);

/* The version in the name of a kernel's file ("vmlinuz-6.1.0-13-amd64"), NULL when it is no such
 * name or a rescue kernel's. Points into `name`. Pure. */
const char *kernel_version_from_name(const char *name);

void kernels_done(Kernels *kernels);
#define _cleanup_kernels_ _cleanup_(kernels_done)
