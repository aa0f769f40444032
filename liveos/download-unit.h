/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a Live OS fetches when it starts: a unit of systemd, the program that it runs and the list that
 * this reads. Nothing in the OS wants the unit, but an argument for the kernel that only the boot menu for
 * the network has: the same OS, started from an ISO, does not wait for a network that may not be there, and
 * an administrator can switch it off for a machine. Pure, but for download_find_lacks().
 */

#include <stdbool.h>

#include "config/config.h"
#include "liveos/lacks.h"

#define DOWNLOAD_SERVICE  "pxed-downloads.service"
#define DOWNLOAD_ARGUMENT "systemd.wants=" DOWNLOAD_SERVICE /* systemd-debug-generator(8) */
#define DOWNLOAD_PROGRAM  "usr/libexec/pxed-downloads"
#define DOWNLOAD_LIST     "etc/pxed/downloads"

/* The text of the file liveos/pxed-downloads. */
extern const char download_program_text[];

/* The unit, which waits for the network and for what is mounted where files go. Caller frees. NULL when memory
 * is out. */
char *download_unit_text(const ConfigDownload *downloads, size_t n);

/* The list. It holds URLs and with them perhaps passwords. Caller frees. NULL when memory is out. */
char *download_list_text(const ConfigDownload *downloads, size_t n);

/* Notes what the image lacks for its list of downloads. Blocks. Errors: -ENOMEM. */
int download_find_lacks(const ConfigDownload *downloads, size_t n, Lacks *lacks);
