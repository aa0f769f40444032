/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Making a repository of a folder that has only packages in it. What parses them is caged: for .deb
 * files the image's own dpkg-deb, for .rpm files createrepo_c of the host.
 */

#include <stddef.h>

#include "common/failure.h"
#include "liveos/build.h"

/* Writes the index of the folder PLACE_PACKAGES/`number` into it. Runs in the container. Blocks.
 * Errors: -EBADMSG when a file is no package, -ENOENT when the program is missing. */
int package_index_make_deb(const Build *build, size_t number, Failure *reterr);
int package_index_make_rpm(const Build *build, size_t number, Failure *reterr);
