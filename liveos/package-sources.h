/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where packages come from: the repositories of the image and the config's sources, laid out as one
 * folder, PLACE_PACKAGES, that managers are shown. A folder of packages becomes a repository: one that
 * has an index is taken as it is, for others the index is made: of .deb files by the image's own
 * dpkg-deb, of .rpm files by the host's createrepo_c, each in a cage.
 */

#include "common/failure.h"
#include "liveos/build.h"
#include "liveos/package-manager.h"

/* Makes PLACE_PACKAGES. The tree itself is only read. Runs in the container. Blocks. Errors: -EBADMSG
 * when a source is not what the manager can use. */
int package_sources_lay_out(
                const Build *build,
                const PackageManager *manager,
                int root_fd,
                Failure *reterr);
