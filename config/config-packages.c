/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What follows from `os.packages`. A list file is read by a table of its own; its mistakes become
 * mistakes of the config, which names it, with the file and the place in it.
 */

#include "config/config-packages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-tables-packages.h"
#include "config/yaml.h"

static const char *const keys[_PACKAGE_SET_MAX] = {
        [PACKAGES_REMOVE] = "os.packages.remove",
        [PACKAGES_INSTALL] = "os.packages.install",
        [PACKAGES_UPDATE] = "os.packages.update",
};

const char *config_packages_key(PackageSet set) {
        return keys[set];
}

/* No '/' and no blank: a path or a URL would be fetched from elsewhere, without a signature. No pattern:
 * managers differ in what it means. */
int config_value_package(char **value, Failure *reterr) {
        static const char letters
                        [] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        static const char marks[] = "+-._:=~^";
        const char *s = *value;
        size_t n = strlen(s);
        bool good = n > 0 && n <= PACKAGE_NAME_MAX && strchr(letters, s[0]);

        for (size_t i = 0; good && i < n; i++)
                good = strchr(letters, s[i]) || strchr(marks, s[i]);
        if (!good)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" is not the name of a package; it begins with a letter or "
                                "digit and has at most %d letters, digits and + - . _ : = ~ ^, as in "
                                "name, name=version or name-version",
                                s,
                                PACKAGE_NAME_MAX);
        if (strchr("-=", s[n - 1])) /* to apt-get, "name-" means that it is to go */
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" ends in \"%c\"; write the name without it",
                                s,
                                s[n - 1]);
        return 0;
}

static bool has(const ConfigPackages *packages, PackageSet set) {
        return packages->sets[set].names || packages->sets[set].n_lists > 0;
}

/* ---- steps ---- */

static ConfigPackageStep last_step(const ConfigPackages *packages) {
        ConfigPackageStep step = { .update_existing = packages->update_existing };

        for (int set = 0; set < _PACKAGE_SET_MAX; set++) {
                step.names_end[set] = strv_length(packages->sets[set].names);
                step.lists_end[set] = packages->sets[set].n_lists;
        }
        return step;
}

/* The one before the first ends at nothing. */
static ConfigPackageStep step_before(const ConfigPackages *packages, size_t step) {
        return step > 0 ? packages->steps[step - 1] : (ConfigPackageStep){};
}

static ConfigPackageStep step_at(const ConfigPackages *packages, size_t step) {
        return step < packages->n_steps ? packages->steps[step] : last_step(packages);
}

size_t config_packages_steps(const ConfigPackages *packages) {
        return packages->n_steps + 1;
}

int config_packages_end_step(ConfigPackages *packages) {
        ConfigPackageStep *steps = reallocarray(
                        packages->steps,
                        packages->n_steps + 1,
                        sizeof(ConfigPackageStep));

        if (!steps)
                return -ENOMEM;
        packages->steps = steps;
        steps[packages->n_steps] = last_step(packages);
        packages->n_steps++;
        packages->update_existing = false;
        return 0;
}

bool config_packages_update_existing(const ConfigPackages *packages, size_t step) {
        return step_at(packages, step).update_existing;
}

static bool any_updates_existing(const ConfigPackages *packages) {
        for (size_t i = 0; i < config_packages_steps(packages); i++)
                if (config_packages_update_existing(packages, i))
                        return true;
        return false;
}

bool config_packages_wanted(const ConfigPackages *packages) {
        for (int set = 0; set < _PACKAGE_SET_MAX; set++)
                if (has(packages, (PackageSet) set))
                        return true;
        return any_updates_existing(packages);
}

bool config_packages_use_repositories(const ConfigPackages *packages) {
        return any_updates_existing(packages) || has(packages, PACKAGES_INSTALL) ||
               has(packages, PACKAGES_UPDATE);
}

bool config_packages_need_network(const ConfigPackages *packages) {
        if (!config_packages_use_repositories(packages))
                return false;
        for (size_t i = 0; i < packages->n_sources; i++)
                if (packages->sources[i].repository_file)
                        return true;
        return !packages->disable_image_repositories;
}

/* ---- list files ---- */

static void complain(
                PackageSet set,
                const ConfigPath *list,
                Diagnostics *diagnostics,
                const char *place,
                const char *what) {
        diagnostics_add_at(
                        diagnostics,
                        REPORT_ERROR,
                        &list->place,
                        "%sLists: '%.255s'%s: %s",
                        keys[set],
                        list->path,
                        place,
                        what);
}

static int parse_list(
                PackageSet set,
                const ConfigPath *list,
                const char *text,
                size_t size,
                char ***names,
                Diagnostics *diagnostics) {
        _cleanup_diagnostics_ Diagnostics found = {};
        ConfigReading reading = { .diagnostics = &found };
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        _cleanup_strv_ char **own = NULL;
        int r = yaml_tree_read(text, size, &tree, &found);

        if (r >= 0)
                r = config_read_map(
                                &reading,
                                yaml_tree_root(tree),
                                &config_package_list_table,
                                (void *) &own);
        if (r < 0 && r != -EBADMSG)
                return r;
        for (size_t i = 0; i < found.n_items; i++) {
                _cleanup_free_ char *place = str_printf(
                                ", line %u, column %u",
                                found.items[i].line,
                                found.items[i].column);

                complain(set, list, diagnostics, place ? place : "", found.items[i].message);
        }
        return strv_append_all(names, own);
}

static int read_list(
                const ConfigPackages *packages,
                PackageSet set,
                size_t index,
                ConfigPathReader reader,
                void *userdata,
                char ***names,
                Diagnostics *diagnostics) {
        const ConfigPath *list = &packages->sets[set].lists[index];
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = reader(userdata, list, &text, &size);

        if (r == -ENOMEM)
                return r;
        if (r >= 0)
                return parse_list(set, list, text, size, names, diagnostics);
        complain(set,
                 list,
                 diagnostics,
                 "",
                 r == -EFBIG ? "is larger than 256 KiB; split it" : strerror(-r));
        return 0;
}

int config_packages_gather(
                const ConfigPackages *packages,
                size_t step,
                PackageSet set,
                ConfigPathReader reader,
                void *userdata,
                char ***ret,
                Diagnostics *diagnostics) {
        const ConfigPackageStep from = step_before(packages, step), to = step_at(packages, step);
        size_t n_errors = diagnostics->n_errors;
        _cleanup_strv_ char **names = NULL;
        int r = 0;

        for (size_t i = from.names_end[set]; i < to.names_end[set] && r >= 0; i++)
                r = strv_append(&names, packages->sets[set].names[i]);
        for (size_t i = from.lists_end[set]; i < to.lists_end[set] && r >= 0; i++)
                r = read_list(packages, set, i, reader, userdata, &names, diagnostics);
        if (r < 0)
                return r;
        if (strv_length(names) > PACKAGES_MAX)
                diagnostics_add_at(
                                diagnostics,
                                REPORT_ERROR,
                                &packages->place,
                                "%s: has, with its list files, %zu packages, but at most %d are "
                                "supported",
                                keys[set],
                                strv_length(names),
                                PACKAGES_MAX);
        if (diagnostics->n_errors > n_errors)
                return -EBADMSG;
        *ret = TAKE_PTR(names);
        return 0;
}

/* ---- the command line's sources ---- */

/* Owns what is in `more` where it returns 0. */
static int append_sources(ConfigPackages *packages, ConfigPackages *more) {
        size_t n = packages->n_sources + more->n_sources;
        ConfigPackageSource *all;

        packages->disable_image_repositories |= more->disable_image_repositories;
        if (more->n_sources == 0)
                return 0;
        all = reallocarray(packages->sources, n, sizeof(ConfigPackageSource));
        if (!all)
                return -ENOMEM;
        for (size_t i = 0; i < more->n_sources; i++) {
                more->sources[i].place = (ConfigPlace){}; /* the config has none for it */
                more->sources[i].is_of_caller = true;
                all[packages->n_sources + i] = more->sources[i];
        }
        packages->sources = all;
        packages->n_sources = n;
        more->n_sources = 0;
        return 0;
}

int config_packages_add_sources(
                ConfigPackages *packages,
                const char *text,
                size_t size,
                Diagnostics *diagnostics) {
        _cleanup_(config_packages_done) ConfigPackages more = {};
        ConfigReading reading = { .diagnostics = diagnostics };
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        size_t n_errors = diagnostics->n_errors;
        int r = yaml_tree_read(text, size, &tree, diagnostics);

        if (r >= 0)
                r = config_read_map(
                                &reading,
                                yaml_tree_root(tree),
                                &config_package_sources_table,
                                &more);
        if (r < 0)
                return r;
        if (diagnostics->n_errors == n_errors &&
            packages->n_sources + more.n_sources > PACKAGE_SOURCES_MAX)
                diagnostics_add(diagnostics,
                                REPORT_ERROR,
                                0,
                                0,
                                "os.packages.sources: are, with those of the command line, %zu, but "
                                "at most %d are supported",
                                packages->n_sources + more.n_sources,
                                PACKAGE_SOURCES_MAX);
        if (diagnostics->n_errors > n_errors)
                return -EBADMSG;
        return append_sources(packages, &more);
}

/* ---- the end ---- */

void config_paths_free(ConfigPath *paths, size_t n) {
        for (size_t i = 0; i < n; i++) {
                free(paths[i].path);
                free(paths[i].entry);
        }
        free(paths);
}

void config_packages_done(ConfigPackages *packages) {
        for (int set = 0; set < _PACKAGE_SET_MAX; set++) {
                strv_free(packages->sets[set].names);
                config_paths_free(packages->sets[set].lists, packages->sets[set].n_lists);
        }
        for (size_t i = 0; i < packages->n_sources; i++) {
                ConfigPackageSource *source = &packages->sources[i];

                free(source->folder);
                free(source->folder_entry);
                free(source->repository_file);
                free(source->repository_file_entry);
                free(source->key);
                free(source->key_entry);
        }
        free(packages->sources);
        free(packages->steps);
}
