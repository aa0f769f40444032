/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * EFI system partitions: the image's, read, and the media's own, made. Both through mtools, so that
 * no kernel driver meets a FAT file system. Run in the container.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* The paths of all files on the image's ESP, or in the tree when that has it (liveos/esp-tree.h), without a
 * leading '/'; an empty list when the image has none. Caller frees. */
int esp_list(const Build *build, char ***ret_paths, Failure *reterr);

/* Copies all files and folders of the image's ESP into `to_folder`; none when the image has none. */
int esp_copy_all(const Build *build, const char *to_folder, Failure *reterr);

/* Copies one of these files to `to_path`. */
int esp_copy(const Build *build, const char *path, const char *to_path, Failure *reterr);

/* Makes a FAT image at `to_path` just large enough for the tree below `from_folder`. */
int esp_make(int report_fd, const char *from_folder, const char *to_path, Failure *reterr);
