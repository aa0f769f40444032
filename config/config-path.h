/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Paths in base configs, which start from the folder of the file that they are written in. As text
 * alone: "a/../b" is "b", also where "a" is a link. So one file has one name for who packs it and for
 * who unpacks it. Pure.
 */

/* `path` as it is seen from where `folder` starts: without ".", empty parts and what ".." takes back.
 * An absolute path stays one. NULL when memory is out. Caller frees. */
char *config_path_join(const char *folder, const char *path);

/* What stands in front of the last '/', "" when there is none. NULL when memory is out. Caller
 * frees. */
char *config_path_folder(const char *path);
