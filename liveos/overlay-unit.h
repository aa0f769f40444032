/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Overlays as units of systemd. A Live OS has no fstab, and the folders that keep an overlay's changes
 * are in /run, which is empty at each boot: so every overlay is a mount unit, and one service makes
 * those folders before. Pure.
 */

#include "config/config-os.h"

#define OVERLAY_SERVICE "pxed-overlays.service"

/* The mount unit's name, which systemd.mount(5) derives from the place: "usr-share-a\x2db.mount".
 * Caller frees. NULL when memory is out. */
char *overlay_unit_name(const char *mount_point);

/* The mount unit. Caller frees. NULL when memory is out. */
char *overlay_unit_text(const ConfigOverlay *overlay);

/* The service for all of them. Caller frees. NULL when memory is out. */
char *overlay_service_text(const ConfigOverlay *overlays, size_t n);
