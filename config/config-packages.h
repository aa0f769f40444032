/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * `os.packages`: which packages are removed, installed and updated, and where they come from. Names
 * stand in the config or in list files, small YAML files of their own that are read with
 * config_packages_gather(). `sources` and `disableImageRepositories` are ours; the rest is Image
 * Customizer's. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"
#include "common/failure.h"
#include "config/config-place.h"
#include "config/diagnostics.h"

/* Of the list files together, and of the bytes of each. */
#define PACKAGE_LISTS_MAX      64
#define PACKAGE_LIST_MAX_BYTES (256U * 1024U)

/* Of the packages of one set: all of them, each of PACKAGE_NAME_MAX bytes, fit a command line. */
#define PACKAGES_MAX     5000
#define PACKAGE_NAME_MAX 255

#define PACKAGE_SOURCES_MAX 32

/* A file that the config names in a list of paths. */
typedef struct ConfigPath {
        char *path;  /* as written */
        char *entry; /* its name in the context */
        ConfigPlace place;
} ConfigPath;

/* In the order in which a config carries them out; updateExistingPackages comes behind the first. */
typedef enum PackageSet {
        PACKAGES_REMOVE,
        PACKAGES_INSTALL,
        PACKAGES_UPDATE,
        _PACKAGE_SET_MAX,
} PackageSet;

typedef struct ConfigPackageSet {
        char **names; /* list; without those of the list files */
        ConfigPath *lists;
        size_t n_lists;
} ConfigPackageSet;

/* One of sources: a folder of packages, or a file that names repositories. */
typedef struct ConfigPackageSource {
        char *folder; /* this … */
        char *folder_entry;
        char *repository_file; /* … or this; the other is NULL */
        char *repository_file_entry;
        char *key; /* the public key that the folder must be signed with; NULL: one of the image's */
        char *key_entry;
        bool trusted;      /* no signature of the folder is checked */
        bool is_of_caller; /* from the command line: paths start from the caller's folder */
        ConfigPlace place;
} ConfigPackageSource;

/* Each config of a chain is a step that is carried out whole before the next, the bases' first: a base installs
 * what the config on top removes. */
typedef struct ConfigPackageStep {
        size_t names_end[_PACKAGE_SET_MAX]; /* the step's are those before, from the end of the last step */
        size_t lists_end[_PACKAGE_SET_MAX];
        bool update_existing;
} ConfigPackageStep;

typedef struct ConfigPackages {
        ConfigPackageSet sets[_PACKAGE_SET_MAX]; /* of all steps */
        bool update_existing;                    /* of the last step */
        ConfigPackageStep *steps;                /* but the last */
        size_t n_steps;
        ConfigPackageSource *sources; /* a later one comes before an earlier one */
        size_t n_sources;
        bool disable_image_repositories; /* only the sources count */
        ConfigPlace place;
} ConfigPackages;

/* The text of a list file; caller frees. A negative errno says why there is none. */
typedef int (*ConfigPathReader)(
                void *userdata,
                const ConfigPath *list,
                char **ret_text,
                size_t *ret_size);

/* How many there are, the last one included. */
size_t config_packages_steps(const ConfigPackages *packages);

/* What has been read so far becomes a step, and what is read from now on comes behind it. Errors: -ENOMEM. */
int config_packages_end_step(ConfigPackages *packages);

/* All names of a step's set, those of the list files behind those of the config. What is wrong with the list
 * files is reported at the place where they are named. Caller frees. Errors: -EBADMSG when something
 * was reported, -ENOMEM. */
int config_packages_gather(
                const ConfigPackages *packages,
                size_t step,
                PackageSet set,
                ConfigPathReader reader,
                void *userdata,
                char ***ret,
                Diagnostics *diagnostics);

/* Appends the sources that the command line adds, the text of CONTEXT_SOURCES. Errors: -EBADMSG when
 * something was reported, -ENOMEM. */
int config_packages_add_sources(
                ConfigPackages *packages,
                const char *text,
                size_t size,
                Diagnostics *diagnostics);

/* True when all packages of the image are to be updated in that step. */
bool config_packages_update_existing(const ConfigPackages *packages, size_t step);

/* True when there is anything to do. */
bool config_packages_wanted(const ConfigPackages *packages);

/* True when something is to be installed or updated. */
bool config_packages_use_repositories(const ConfigPackages *packages);

/* True when something has to be fetched that did not come with the config. */
bool config_packages_need_network(const ConfigPackages *packages);

/* "os.packages.install": what users call the set; static. */
const char *config_packages_key(PackageSet set);

/* A ConfigValueCheck: the name of one package, a version may follow as name=version or name-version. */
int config_value_package(char **value, Failure *reterr);

void config_paths_free(ConfigPath *paths, size_t n);
void config_packages_done(ConfigPackages *packages);
