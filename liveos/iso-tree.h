/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From an ISO's files back to the image that it was made of, inside the container: what the medium has of
 * /boot and of the loaders goes where an installed OS keeps it, so that all later stages find an image
 * like any other.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* For an ISO that boots full-os: unpacks the initramfs, which is the root file system. `folder` gets the
 * path. The log tells of device nodes that this loses. Blocks. Errors: -EBADMSG when it cannot be unpacked, -ENOSPC. */
int iso_tree_unpack_root(const Build *build, const char **ret_folder, Failure *reterr);

/* Puts kernels, menu and loaders into VIEW_TREE. Errors: -ENOEXEC when it cannot be told which version the
 * medium's only kernel has. */
int iso_tree_restore(const Build *build, Failure *reterr);

/* Whether a file of the ISO is there because a user wanted it, and not made anew by each build. */
bool iso_tree_is_users(const Build *build, const char *path);

/* Puts what users have put on the ISO onto a medium, by the open folder. */
int iso_tree_put_user_files(const Build *build, int folder_fd, Failure *reterr);
