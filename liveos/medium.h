/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What lies where on the media: one table for the ISO and the PXE tree. Paths are below the medium's
 * root, without a leading '/'. Pure.
 */

#include <stddef.h>

#include "common/failure.h"
#include "config/config.h"
#include "liveos/arch.h"
#include "liveos/kernel.h"

typedef enum MediumKind {
        MEDIUM_ISO,
        MEDIUM_PXE,
        _MEDIUM_KIND_MAX,
        _MEDIUM_KIND_INVALID = -22, /* -EINVAL */
} MediumKind;

typedef enum MediumItem {
        MEDIUM_SHIM,
        MEDIUM_GRUB,
        MEDIUM_GRUB_CFG,     /* the medium's own menu */
        MEDIUM_GRUB_PXE_CFG, /* the menu for PXE: its own in the PXE tree, beside the other on an ISO */
        MEDIUM_GRUBENV,
        MEDIUM_KERNEL,
        MEDIUM_INITRD,
        MEDIUM_ROOTFS,    /* bootstrap: the squashfs */
        MEDIUM_ISO_IMAGE, /* bootstrap: the ISO in the PXE tree */
        MEDIUM_DISK_INFO, /* by this file Debian's loader finds the ISO when it is on a disk */
        _MEDIUM_ITEM_MAX,
        _MEDIUM_ITEM_INVALID = -22, /* -EINVAL */
} MediumItem;

/* The names that are not fixed. */
typedef struct MediumNames {
        Arch arch;
        const char *kernel; /* file name of the kernel in question; NULL: "vmlinuz" */
        const char *initrd; /* file name of its initrd; NULL: "initrd.img" */
        const char *iso;    /* file name of the ISO; NULL: ORDER_ISO_NAME_DEFAULT */
} MediumNames;

#define MEDIUM_GRUB_FOLDER "boot/grub2" /* where all menus are in the end */
#define MEDIUM_ROOTFS_PATH "liveos/rootfs.img"
#define MEDIUM_EFI_FOLDER  "EFI/BOOT" /* inside the ESP image */

/* Caller frees. Errors: -ENOENT when the medium has no such item, -ENOMEM. */
int medium_path(MediumKind kind, MediumItem item, const MediumNames *names, char **ret);

/* The names for kernel number `i`: those without a version for the only kernel, the image's own
 * names for several. A full-os has one initrd for all. The names are borrowed from `kernels`. */
MediumNames medium_names_for_kernel(
                const Kernels *kernels,
                size_t i,
                InitramfsType type,
                Arch arch);

/* Where a loader looks for its menu, by its built-in prefix ("/grub", "/boot/grub"; "": beside
 * itself, or where it lies on a disk), as a list of paths in the loader's own spelling; an empty one
 * when that is the medium's own menu already. Caller frees. Errors: -EINVAL for a prefix that names
 * a device. */
int medium_redirector_paths(MediumKind kind, const char *prefix, char ***ret, Failure *reterr);
