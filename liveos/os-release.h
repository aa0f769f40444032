/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who made the image: os-release(5), and the family of distributions that decides about package
 * names and about where loaders lie. An image without os-release is of no known family, which is no
 * error.
 */

#include <stddef.h>

#include "common/failure.h"

typedef enum Family {
        FAMILY_UNKNOWN,
        FAMILY_DEBIAN,
        FAMILY_AZURELINUX,
        FAMILY_FEDORA,
        _FAMILY_MAX,
        _FAMILY_INVALID = -22, /* -EINVAL */
} Family;

typedef struct OsRelease {
        char *id;         /* ID; "linux" when unset */
        char **id_like;   /* list: ID_LIKE */
        char *version_id; /* VERSION_ID; NULL when unset */
        char *pretty_name; /* PRETTY_NAME; "Linux" when unset. Of a stranger, but one line of UTF-8 */
        Family family;     /* by ID, else by ID_LIKE */
} OsRelease;

/* Lines that are no assignment do not count; the last assignment of a name wins. Pure.
 * Errors: -ENOMEM. */
int os_release_parse(const char *text, OsRelease *ret);

/* Reads etc/os-release, else usr/lib/os-release. Blocks. Errors: those of reading. */
int os_release_read(int root_fd, OsRelease *ret, Failure *reterr);

void os_release_done(OsRelease *os);
#define _cleanup_os_release_ _cleanup_(os_release_done)
