/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Labels of SELinux for what a build has made new. The container may not set any (a label is the
 * host's affair), and files of the image keep theirs; so the Live OS gives the new ones theirs when it
 * starts, by its own restorecon and policy, from a list that the build leaves.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Whether that is possible where SELinux is on, for the image's tree in `root_fd`. `ret` is needed. Returns 1
 * when somebody has to be told what the failure says, otherwise 0. Errors, where the config wants SELinux and not
 * the image alone: -ENOTSUP when the image's files have no labels, -ENOPKG when it has no restorecon. */
int labels_judge(const Build *build, int root_fd, Failure *ret);

/* Adds list and unit to the live view, whose root is `root_fd`, where SELinux is on and the image has a restorecon.
 * Blocks. Errors: those of reading and writing. */
int labels_restore_at_boot(const Build *build, int root_fd, Failure *reterr);
