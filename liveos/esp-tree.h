/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The image's ESP as a folder of its tree: packages, files and scripts of a config then change loaders as
 * they would on the machine, and media get them out of the tree. No other view of the image has the
 * folder, as no Live OS has a use for it. Runs in the container.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Where the ESP belongs when the image's fstab does not say it. */
#define ESP_TREE_PATH "/boot/efi"

/* Copies the files of the image's ESP, and shows them in VIEW_TREE at build->esp_path, above what the
 * image's root has there. Does nothing without an ESP. Where the place is none, it is left out with a
 * warning, and loaders are still read off the ESP. Errors: those of mtools, -ENOSPC. */
int esp_tree_mount(Build *build, Failure *reterr);

/* As esp_list(), of an ESP that is in the tree: what has been changed comes first, as on an ESP names that
 * differ in case alone would be one file. Caller frees. */
int esp_tree_list(const Build *build, char ***ret_paths, Failure *reterr);

/* As esp_copy(). */
int esp_tree_copy(const Build *build, const char *path, const char *to_path, Failure *reterr);
