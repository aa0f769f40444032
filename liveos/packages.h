/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What `os.packages` asks for, done to the image's tree by the package manager that the image has, in
 * this order: remove, update all that is there, install, update. It and the packages' own scripts run
 * caged, with the network only where something has to be fetched. Of what this needs, nothing stays in
 * the tree.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Nothing when the config asks for nothing. `root_fd` is the tree's. Runs in the container. Blocks.
 * Errors: -ENOPKG when the image has no package manager; -EACCES when the network is needed and was not
 * allowed; -EIO when a package cannot be had; -EBADMSG when a list or a source is not good. */
int packages_apply(const Build *build, int root_fd, Failure *reterr);
