/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Units of systemd that a step of the customization puts into the image's /etc. Both block. */

#define UNIT_FILES "etc/systemd/system"

/* Writes a unit, over one of the same name. Errors: those of writing. */
int unit_file_write(int root_fd, const char *name, const char *text);

/* Has the unit started with a target ("multi-user.target"), as systemctl enable would, which does not know
 * units that name no [Install], and needs a systemctl. Errors: those of writing. */
int unit_file_want(int root_fd, const char *name, const char *target);
