/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The package managers that pxed knows, as a table: how each is told from what the image has, and
 * with which words it is asked for what. They run in a cage of the image, where PACKAGES_SHOWN is what
 * the config brought along and PACKAGES_CACHE a folder that is gone afterwards. Another manager is
 * another row.
 */

#include <stdbool.h>

#include "common/cleanup.h"
#include "common/failure.h"

/* In the image's tree, while packages are changed. */
#define PACKAGES_SHOWN "/_pxed-packages" /* read-only */
#define PACKAGES_CACHE "/_pxed-cache"

/* Below PACKAGES_SHOWN: the only repositories that managers are shown. */
#define PACKAGES_REPOSITORIES "repositories"

typedef enum PackageFormat {
        PACKAGE_DEB,
        PACKAGE_RPM,
        _PACKAGE_FORMAT_MAX,
} PackageFormat;

/* Names of packages follow those that say so. */
typedef enum PackageVerb {
        PACKAGE_REFRESH, /* fetch what the repositories hold */
        PACKAGE_REMOVE,  /* names */
        PACKAGE_UPDATE_ALL,
        PACKAGE_INSTALL, /* names */
        PACKAGE_UPDATE,  /* names */
        PACKAGE_CLEAN,   /* throw away what was fetched but lies elsewhere than in PACKAGES_CACHE */
        PACKAGE_IS_INSTALLED, /* names; status 0 when all are; another program than the manager's */
        PACKAGE_IS_KNOWN,     /* one name; status 0 when it can be had */
        _PACKAGE_VERB_MAX,
} PackageVerb;

typedef struct PackageManager {
        const char *name;     /* what users call it: the first of its words */
        const char *program;  /* found by this file of the image … */
        const char *database; /* … and this one; NULL when the first says enough */
        PackageFormat format;
        const char *const *environment;
        const char *const *cache_folders; /* that it expects below PACKAGES_CACHE */
        const char *const
                        *verbs[_PACKAGE_VERB_MAX]; /* argv without the names; NULL: nothing to do */
} PackageManager;

/* The manager of an image, static. NULL when it has none that is known. */
const PackageManager *package_manager_find(int root_fd);

/* "apt-get, tdnf and dnf". NULL when memory is out. Caller frees. */
char *package_manager_names(void);

/* The words for a verb with names behind. `names` is a list or NULL. Caller frees. Errors: -ENOMEM. */
int package_manager_argv(
                const PackageManager *manager,
                PackageVerb verb,
                char *const *names,
                char ***ret);
