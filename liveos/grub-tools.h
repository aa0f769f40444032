/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * GRUB's tools in the cage of a command. grub-probe finds no partition there, and without it packages of
 * kernels and scripts cannot make a boot menu anew. So a grub-mkconfig of our own comes first in the PATH:
 * it runs the image's, with a grub-probe that answers what is known of the image's partitions. Nothing is
 * laid over the image's tools themselves, as a package could not replace them then. Packages of GRUB would
 * install it on the ESP that they see; they are told that it is done.
 */

#include "common/buffer.h"
#include "container/command.h"
#include "liveos/build.h"

#define GRUB_TOOLS_BINDS_MAX 4

/* Who gets them. */
typedef enum GrubToolsUser {
        GRUB_TOOLS_FOR_SCRIPTS,
        GRUB_TOOLS_FOR_PACKAGES, /* whose scripts call grub-install, too, and can do without */
} GrubToolsUser;

/* Where the tools are laid that come first. */
#define GRUB_TOOLS_FOLDER "/usr/local/sbin"

#define GRUB_TOOLS_SHOWN "/_pxed-grub"

/* What apt has to be told for the scripts of packages to have that folder in their PATH. */
#define GRUB_TOOLS_ENVIRONMENT "APT_CONFIG=" GRUB_TOOLS_SHOWN "/apt.conf"

extern const char grub_probe_text[];    /* the program liveos/pxed-grub-probe, as a text */
extern const char grub_mkconfig_text[]; /* liveos/pxed-grub-mkconfig */
extern const char grub_install_text[];  /* liveos/pxed-grub-install */

/* The lines of the list that the program reads: which partition has which folder. A folder with a control
 * character or a backslash in its path is left out. Pure. */
int grub_tools_list(const Build *build, Buffer *buffer);

/* Lays the tools out, when they are not yet, and appends what has to be seen of them: nothing for an image
 * without a grub-mkconfig or without GRUB_TOOLS_FOLDER. `binds` has room for GRUB_TOOLS_BINDS_MAX more. */
int grub_tools_add(
                const Build *build,
                GrubToolsUser user,
                int root_fd,
                CommandBind *binds,
                unsigned *n_binds,
                Failure *reterr);
