/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The customization: what `os` and `scripts` of the config ask for, done to VIEW_TREE in this order:
 * host name, files, services, scripts. Code of the image runs caged.
 */

#include "common/failure.h"
#include "liveos/build.h"

bool customize_wanted(const Build *build);

/* Stage "customize". Errors: -EIO when a script or a service's enabling fails. */
int stage_customize(Build *build, Failure *reterr);

/* Writes a config's file below a folder; the folder's links are followed as its inhabitants would.
 * A file from a source keeps the source's mode unless the config gives one. */
int customize_put_file(int root_fd, const ConfigFile *file, Failure *reterr);
