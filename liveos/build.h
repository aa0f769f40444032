/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A build: everything that its stages share. The outer worker fills the first part, the stages the
 * others, each its own, and later stages only read it. What stages make lies in the fixed places of
 * liveos/places.h, so that a stage may run in a process of its own.
 */

#include "common/digest.h"
#include "common/failure.h"
#include "config/config.h"
#include "config/order.h"
#include "config/saved.h"
#include "container/fuse-server.h"
#include "liveos/bls.h"
#include "liveos/dracut.h"
#include "liveos/image-format.h"
#include "liveos/iso-input.h"
#include "liveos/kernel.h"
#include "liveos/loader.h"
#include "liveos/medium.h"
#include "liveos/os-release.h"
#include "liveos/partitions.h"
#include "liveos/secure-boot.h"
#include "liveos/selinux.h"
#include "liveos/space.h"
#include "liveos/view.h"

struct Build {
        /* Known from the start. */
        const Order *order; /* borrowed */
        bool is_looked_at;  /* by liveos/look.h: what is known of the image so far is below */
        ImageFormat format;
        IsoInput *iso;             /* the image's files, when it is an ISO; NULL for a disk */
        PartitionTable partitions; /* of a disk that has to be unpacked, once it is */
        bool in_user_space[PARTITIONS_MAX]; /* by liveos/readers.h */
        int report_fd;
        Space space;            /* where artifacts are kept */
        char own_volume_id[16]; /* empty where the order says another; Joliet has 16 characters */

        /* Stage "context". */
        Config config;
        char config_digest[DIGEST_SIZE];
        InitramfsType initramfs;
        char *bootstrap_url; /* NULL with full-os, or when the config has none */
        char *iso_name;      /* the ISO's file name in the PXE tree; NULL like bootstrap_url */

        SavedConfig saved; /* of an ISO */
        ConfigKdump kdump; /* never KDUMP_UNSET */

        /* Stage "image". */
        ImageMounts mounts;
        char esp_path[128]; /* where fstab mounts the ESP, or where it is in the tree; may be empty */
        bool esp_is_in_tree; /* its files are below esp_path, see liveos/esp-tree.h */
        FuseServer readers[PARTITIONS_MAX]; /* of those that are read in user space */

        /* Stage "preflight", and "inspect" after a customization. */
        unsigned known; /* mask of 1 << InspectStep: what has been found out */
        OsRelease os_release;
        Arch arch;
        Dracut dracut;                /* of version 0 with full-os */
        const char *iso_initrds_lack; /* the module of dracut for which they are made anew; static, NULL: none */
        Kernels kernels;
        char **kernels_before; /* list: versions before a customization; NULL when there was none */
        Loaders loaders;
        SelinuxState selinux;
        SecureBoot secure_boot;
        char *grub_cfg;              /* the image's own, whole */
        const char *grub_cfg_folder; /* where it was, below the root; static */
        char *grub_env;              /* the grubenv beside it, or one that sets nothing */
        bool fetches_downloads; /* the image has a list of downloads, or will have that of the config */
        BlsEntries bls_entries; /* of a grub_cfg that takes its menu from files; else empty */
};

/* True when the order asks for a PXE tree, alone or beside the ISO. */
bool build_makes_pxe(const Build *build);

/* True when an ISO is made, as the result or for the PXE tree. */
bool build_makes_iso(const Build *build);

/* The media to make, as a mask of 1 << MediumKind. */
unsigned build_media(const Build *build);

/* True when the initrd has to fetch the ISO from the network. */
bool build_boots_from_network(const Build *build);

/* The ISO's volume id: the order's, else that of an ISO as the image, else the one that all know. */
const char *build_volume_id(const Build *build);

/* The kernel arguments for a menu, a word each: SELinux's, those of the OS, those that an ISO as the image
 * had for its medium, then the config's for the medium. Those of os.selinux count also where the image's own
 * menu says otherwise. Caller frees. Errors: -EINVAL when one is no argument. */
int build_kernel_arguments(const Build *build, MediumKind menu, char ***ret, Failure *reterr);

/* The `iso` and `pxe` nodes whose additionalFiles go on a medium; NULL-terminated. */
void build_medium_nodes(
                const Build *build,
                MediumKind medium,
                const ConfigMedium *ret_nodes[static 3]);
