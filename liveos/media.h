/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Putting files on media: every medium is a folder, and large files are in it as hard links. */

#include "common/failure.h"
#include "liveos/build.h"

/* The folder that becomes the ISO, or the one of the PXE tree that a TFTP server hands out. */
const char *media_folder(MediumKind medium);

/* The folder for the user's other files: on the ISO the same, in the PXE tree ARTIFACT_HTTP. */
const char *media_user_folder(MediumKind medium);

/* Links a file into a medium's folder under a path; missing folders are made. */
int media_link(const char *from_path, const char *to_folder, const char *path, Failure *reterr);

/* Makes the folders above a path that a loader asks for in a spelling of its own. A folder that is
 * there already but for the case of its letters is not made a second time, as they would be one on a
 * file system without case: the new name becomes a link to it. */
int media_match_case(const char *folder, const char *path, Failure *reterr);

/* Puts text on a medium, readable for everybody. */
int media_write(const char *folder, const char *path, const char *text, Failure *reterr);

/* Makes the folders above a path on a medium. */
int media_make_parent(const char *folder, const char *path, Failure *reterr);

/* Links the initrds under their names on the medium. */
int media_link_initrds(const Build *build, MediumKind medium, Failure *reterr);
