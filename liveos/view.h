/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Views: writable unions over the image's read-only file systems. The image's own mounts (its root,
 * a /boot or /usr of its own) are layered each for itself, so that a view looks as the running system
 * would. A view may stand on another one: it then sees that one's changes and keeps its own apart.
 *
 * A view NAME is seen at PLACE_WORK/NAME; its changes are kept in PLACE_WORK/NAME.upper/N for the
 * N-th mount. A view that others stand on may no longer be changed.
 */

#include <stddef.h>

#include "common/failure.h"

#define IMAGE_MOUNTS_MAX 8

/* One file system of the image in its place. */
typedef struct ImageMount {
        char path[128];   /* in the image's root, absolute; the first is "/" */
        char folder[160]; /* where it is in the container, read-only: PLACE_PART/N or below */
} ImageMount;

typedef struct ImageMounts {
        ImageMount items[IMAGE_MOUNTS_MAX];
        size_t n_items;
} ImageMounts;

#define VIEW_TREE   "tree"   /* the image as the customization leaves it */
#define VIEW_LIVE   "live"   /* on top: without what a Live OS has no use for; what is packed */
#define VIEW_INITRD "initrd" /* on top of the tree: where dracut runs, thrown away afterwards */

/* Mounts the view; `below` is the name of the view it stands on, or NULL for the image itself.
 * Errors: -ELOOP when a mount's place in the image is reached through a link. Runs in the
 * container. */
int view_mount(const ImageMounts *mounts, const char *name, const char *below, Failure *reterr);
