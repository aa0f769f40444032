/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Labels of SELinux for what a build has made new. The container may not set any (a label is the
 * host's affair), and files of the image keep theirs; so the Live OS gives the new ones theirs when it
 * starts, by its own restorecon and policy, from a list that the build leaves.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Adds list and unit to the live view, whose root is `root_fd`, where SELinux is on. Blocks.
 * Errors: -ENOPKG when the config wants SELinux and the image has no restorecon, -ENOTSUP when its files
 * have no labels; where only the image wants it, either is told in the log. */
int labels_restore_at_boot(const Build *build, int root_fd, Failure *reterr);
