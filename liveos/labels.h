/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Labels of SELinux in a Live OS. A container may not set any on a file (a label is the host's affair):
 * they go into the squashfs from a stream, to every file the one that the image's own policy has for it,
 * as a relabelling would give it. Only the root folder gets its label when the Live OS starts.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Whether that is possible where SELinux is on, for the image's tree in `root_fd`. `ret` is needed. Returns 1
 * when somebody has to be told what the failure says, otherwise 0. Errors, where the config wants SELinux and not
 * the image alone: -ENOPKG when the image has no list of labels, or no restorecon. */
int labels_judge(const Build *build, int root_fd, Failure *ret);

/* Whether the files in `root_fd` are to be labelled: SELinux is on, and the image has a list. */
bool labels_wanted(const Build *build, int root_fd);

/* Where SELinux is on: makes that the root folder of the live view `root_fd` gets its label at boot, and that no
 * system without end labels the others then. Errors: those of writing. */
int labels_prepare(const Build *build, int root_fd, Failure *reterr);

/* Writes everything below `root_fd` to `to_fd` as a tar stream with labels. Blocks. Once for a build. Errors:
 * those of reading, -EBADMSG when the image's list is not understood, -EPIPE when nobody reads any more. */
int labels_write_tree(const Build *build, int root_fd, int to_fd, Failure *reterr);
