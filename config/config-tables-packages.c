/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The keys of `os.packages`, and what they must be to each other. */

#include "config/config-tables-packages.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-packages.h"
#include "config/config-refuse.h"
#include "config/config-table-keys.h"

/* ---- values and rules ---- */

/* What apt-get, dnf and tdnf can be asked for differs, and none says whether a repository kept to it. */
#define NO_SNAPSHOTS                                                                                 \
        "is not supported, as pxed cannot see that repositories keep to it; leave it out, and name " \
        "a repository of that time in os.packages.sources"

static bool is_true(const YamlNode *node) {
        bool value = false;

        return node && yaml_to_bool(node, &value) >= 0 && value;
}

static int rule_source(ConfigReading *reading, const YamlNode *node, void *target _unused_) {
        const YamlNode *file = yaml_get(node, "repositoryFile"), *key = yaml_get(node, "key");
        const YamlNode *trusted = yaml_get(node, "trusted");

        if (file && (key || trusted))
                config_refuse_key(
                                reading,
                                key ? key : trusted,
                                "goes with a folder, as a repository file itself says how its "
                                "packages are checked; leave it out");
        else if (key && is_true(trusted))
                config_refuse_key(
                                reading,
                                key,
                                "is of no use beside \"trusted\", which means that no signature is "
                                "checked; keep one of them");
        return 0;
}

static size_t count_lists(const ConfigPackages *packages) {
        size_t n = 0;

        for (int set = 0; set < _PACKAGE_SET_MAX; set++)
                n += packages->sets[set].n_lists;
        return n;
}

/* `with` says what else was counted. */
static void judge_numbers(
                ConfigReading *reading,
                const YamlNode *node,
                const char *with,
                size_t n_lists,
                size_t n_sources) {
        if (n_lists > PACKAGE_LISTS_MAX)
                config_refuse(reading,
                              node,
                              "has%s %zu list files, but at most %d are supported",
                              with,
                              n_lists,
                              PACKAGE_LISTS_MAX);
        if (n_sources > PACKAGE_SOURCES_MAX)
                config_refuse(reading,
                              yaml_get(node, "sources") ?: node,
                              "has%s %zu entries, but at most %d are supported",
                              with,
                              n_sources,
                              PACKAGE_SOURCES_MAX);
}

static int rule_packages(ConfigReading *reading, const YamlNode *node, void *target) {
        const ConfigPackages *packages = target;

        judge_numbers(reading, node, "", count_lists(packages), packages->n_sources);
        if (is_true(yaml_get(node, "removePackageManager")))
                config_refuse(reading,
                              yaml_get(node, "removePackageManager"),
                              "is not supported for a Live OS, as in Image Customizer; leave it out, "
                              "and remove the package manager's files in scripts.postCustomization");
        return 0;
}

static int merge_packages(
                ConfigReading *reading,
                const YamlNode *node,
                void *target,
                void *source) {
        ConfigPackages *below = target;
        const ConfigPackages *above = source;

        judge_numbers(reading,
                      node,
                      ", with those of the base configs,",
                      count_lists(below) + count_lists(above),
                      below->n_sources + above->n_sources);
        return config_packages_wanted(below) ? config_packages_end_step(below) : 0;
}

/* ---- tables ---- */

static const ConfigKey source_keys[] = {
        KEY("folder", CONFIG_STRING, ConfigPackageSource, folder, .check = config_value_path),
        KEY("repositoryFile",
            CONFIG_STRING,
            ConfigPackageSource,
            repository_file,
            .check = config_value_path),
        KEY("key", CONFIG_STRING, ConfigPackageSource, key, .check = config_value_path),
        KEY("trusted", CONFIG_BOOL, ConfigPackageSource, trusted, .check = NULL),
};
static const char *const source_kinds[] = { "folder", "repositoryFile", NULL };
static const ConfigChoice source_choice = {
        .keys = source_kinds,
        .why = ", as each is a source of its own",
        .is_required = true,
};
static const ConfigTable source_table = {
        TABLE(source_keys),
        ENTRY_OF(ConfigPackageSource),
        .choice = &source_choice,
        .rule = rule_source,
};

#define NAMES(key, set) \
        KEY(key, CONFIG_STRINGS, ConfigPackages, sets[set].names, .check = config_value_package)
#define LISTS(key, set)                                                  \
        KEY(key,                                                         \
            CONFIG_PATHS,                                                \
            ConfigPackages,                                              \
            sets[set].lists,                                             \
            .extra_offset = offsetof(ConfigPackages, sets[set].n_lists), \
            .check = config_value_path)

#define SOURCES                                                     \
        LIST_KEY("sources", ConfigPackages, sources, source_table), \
                        KEY("disableImageRepositories",             \
                            CONFIG_BOOL,                            \
                            ConfigPackages,                         \
                            disable_image_repositories,             \
                            .check = NULL)

static const ConfigKey packages_keys[] = {
        NAMES("remove", PACKAGES_REMOVE),
        LISTS("removeLists", PACKAGES_REMOVE),
        KEY("updateExistingPackages", CONFIG_BOOL, ConfigPackages, update_existing, .check = NULL),
        NAMES("install", PACKAGES_INSTALL),
        LISTS("installLists", PACKAGES_INSTALL),
        NAMES("update", PACKAGES_UPDATE),
        LISTS("updateLists", PACKAGES_UPDATE),
        SOURCES,
        REFUSED("snapshotTime", NO_SNAPSHOTS),
        REFUSED("manifest", NOT_YET),
        FORGOTTEN("removePackageManager", CONFIG_BOOL, .check = NULL),
};
const ConfigTable config_packages_table = {
        TABLE(packages_keys),          .place_offset = offsetof(ConfigPackages, place),
        .flag_offset = CONFIG_NOWHERE, .rule = rule_packages,
        .merge = merge_packages, /* the numbers of both */
};

static const ConfigKey sources_keys[] = { SOURCES };
const ConfigTable config_package_sources_table = {
        TABLE(sources_keys),
        NO_TRACE,
        .rule = rule_packages,
};

static const ConfigKey list_keys[] = {
        { .name = "packages",
          .type = CONFIG_STRINGS,
          .is_required = true,
          .check = config_value_package },
};
const ConfigTable config_package_list_table = { TABLE(list_keys), NO_TRACE };
