/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The image as a tree of files: which partition holds the root, what its fstab mounts into it. */

#include "common/failure.h"
#include "liveos/build.h"

/* Starts the readers and learns mounts: where the root is, and what its fstab mounts into it. Runs in the
 * container. Errors: as stage_image(). */
int image_find(Build *build, Failure *reterr);

/* Reports PLAN_OS, by the os-release in VIEW_TREE. Errors: those of reading. */
int image_report_os(Build *build, Failure *reterr);

/* Stage "image": learns mounts, and mounts the view VIEW_TREE. Errors: -ENOEXEC when the image has no
 * root, or two, or a part of the OS is not on a partition that can be read; mounting. */
int stage_image(Build *build, Failure *reterr);
