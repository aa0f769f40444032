/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/artifact.h"

/* Where things are inside of a build's container; the plan puts them there. */

#define PLACE_GIVEN    "/image/given" /* the image as it was given, read-only */
#define PLACE_DISK     "/image/disk"  /* the disk in it, read-only; an ISO is what it is */
#define PLACE_PART     "/image/part"  /* …/N: the file system of partition N, read-only */
#define PLACE_WORK     "/work"        /* the job's scratch folder */
#define PLACE_CONTEXT  PLACE_WORK "/context"
#define PLACE_PACKAGES PLACE_WORK "/packages" /* while they are changed; see package-sources.h */
#define PLACE_TREE     PLACE_WORK "/tree"     /* VIEW_TREE */
#define PLACE_LIVE     PLACE_WORK "/live"     /* VIEW_LIVE */
#define PLACE_INITRD   PLACE_WORK "/initrd"   /* VIEW_INITRD */
#define PLACE_ISO_ROOT PLACE_WORK "/iso-root" /* unpacked from the initramfs of a full-os ISO */
#define PLACE_OUT      "/out"                 /* the new artifact's folder */
#define PLACE_MEDIA    PLACE_OUT "/.media" /* what media share; linked from there, then removed */

/* Below PLACE_MEDIA. */
#define MEDIA_ROOTFS   PLACE_MEDIA "/rootfs.img"
#define MEDIA_EFIBOOT  PLACE_MEDIA "/efiboot.img"
#define MEDIA_ISO      PLACE_MEDIA "/iso"    /* folder: the ISO's tree */
#define MEDIA_INITRD   PLACE_MEDIA "/initrd" /* folder: initrds by kernel version, or … */
#define INITRD_FULL_OS "full-os"             /* … this one name */
