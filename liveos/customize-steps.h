/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The steps of the customization, each in a file of its subject; the table in liveos/customize.c has
 * their order. A step changes the tree below PLACE_TREE, whose folder `root_fd` is, and sees its links
 * as somebody who lives in it; where the config asks for nothing it does nothing, and needs no tool.
 * Code of the image runs in a cage. What fails names the config's key and
 * its line. All block.
 */

#include "common/failure.h"
#include "liveos/build.h"

int customize_hostname(const Build *build, int root_fd, Failure *reterr);
int customize_groups(const Build *build, int root_fd, Failure *reterr);   /* customize-accounts.c */
int customize_users(const Build *build, int root_fd, Failure *reterr);    /* customize-accounts.c */
int customize_dirs(const Build *build, int root_fd, Failure *reterr);     /* customize-dirs.c */
int customize_files(const Build *build, int root_fd, Failure *reterr);    /* customize-files.c */
int customize_services(const Build *build, int root_fd, Failure *reterr); /* customize-services.c */
int customize_modules(const Build *build, int root_fd, Failure *reterr);  /* customize-modules.c */
int customize_history(const Build *build, int root_fd, Failure *reterr);  /* customize-history.c */
int customize_selinux(const Build *build, int root_fd, Failure *reterr);  /* customize-selinux.c */
int customize_overlays(const Build *build, int root_fd, Failure *reterr); /* customize-overlays.c */
int customize_downloads(
                const Build *build,
                int root_fd,
                Failure *reterr); /* customize-downloads.c */

/* scripts.postCustomization and, at the very last, scripts.finalizeCustomization. */
int customize_scripts(const Build *build, int root_fd, Failure *reterr); /* customize-scripts.c */
int customize_final_scripts(
                const Build *build,
                int root_fd,
                Failure *reterr); /* customize-scripts.c */

/* Puts in front of a failure which entry of the config it is about: its key, its place and, unless NULL,
 * its name. Returns `error`. */
int customize_blame(
                const Build *build,
                const char *key,
                const ConfigPlace *place,
                const char *name,
                int error,
                Failure *reterr);
