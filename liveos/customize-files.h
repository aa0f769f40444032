/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common/failure.h"
#include "config/config.h"

/* Writes a config's file below a folder, of the OS or of a medium; the folder's links are followed as
 * its inhabitants would. A file from a source keeps the source's mode unless the config gives one.
 * Blocks. */
int customize_put_file(int root_fd, const ConfigFile *file, Failure *reterr);
