/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What fetching by a protocol takes, in two places: in the initrd, whose livenet fetches the ISO of a
 * bootstrap Live OS, and in the Live OS, whose service fetches what pxe.downloads names. All that pxed
 * knows of protocols is in the one table behind these functions. What every bootstrap initrd with a
 * network needs beside (livenet, url-lib, curl) is the business of dracut.h.
 */

#include <stdbool.h>

#include "common/failure.h"
#include "liveos/lacks.h"
#include "liveos/os-release.h"

/* The module of dracut that an initrd must have beside livenet to fetch from the URL; NULL: none, or the URL
 * is NULL. Static. Pure. */
const char *live_url_module(const char *url);

/* Whether an initrd uses the ISO where it lies, on its server, and does not fetch it into memory. Not so when the
 * URL is NULL. Pure. */
bool live_url_is_mounted(const char *url);

/* The settings of an initrd's curl, whatever the URL: an administrator may write another one into the boot
 * menu. TFTP has blocks of 512 bytes, each of which waits for its answer; these fit a frame of Ethernet. */
#define LIVE_URL_CURL_SETTINGS_PATH "root/.curlrc"
#define LIVE_URL_CURL_SETTINGS      "tftp-blksize = 1428\n"

/* Notes what the image lacks for an initrd that fetches the ISO from the URL, one that config-url.h has
 * taken. Blocks. Errors: -ENOMEM, those of reading dracut's folder. */
int live_url_find_lacks(const char *url, Lacks *lacks);

/* Fails when an initrd of this image could not fetch the ISO from the URL; the failure says what is missing
 * and which packages have it. Nothing is missing for a URL that is NULL. Blocks. Errors: -ENOPKG, and as
 * above. */
int live_url_check(int root_fd, const OsRelease *os, const char *url, Failure *reterr);

/* As live_url_find_lacks(), for curl in the Live OS itself and any of its protocols. */
int live_url_find_curl_lacks(const char *url, Lacks *lacks);
