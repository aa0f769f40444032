/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Judging URLs: those that an initrd fetches the ISO from, by ftp, http, https, nfs and tftp, and those
 * that a Live OS fetches more from. All name a host. Of an ISO's, "" becomes NULL: it is as good as not
 * given. By nfs, the folder has to be one that dracut can mount. The checks are ConfigValueChecks.
 */

#include "common/failure.h"

/* The URL of a folder: the ISO's name is appended, so it has no query. Errors: -EINVAL, -ENOMEM. */
int config_url_check_base(char **value, Failure *reterr);

/* The URL of the ISO itself: its path ends in a name that a file can have, and that in ".iso". Errors:
 * as above. */
int config_url_check_file(char **value, Failure *reterr);

/* The URL of a download, by all of these but nfs. It may hold a password and is not quoted. Errors: as
 * above. */
int config_url_check_download(char **value, Failure *reterr);

/* The base and the name with one '/' between. NULL when memory is out. Caller frees. */
char *config_url_join(const char *base, const char *name);

/* The last part of a checked file URL's path. NULL when memory is out. Caller frees. */
char *config_url_name(const char *url);
