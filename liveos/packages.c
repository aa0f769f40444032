/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Packages. What a manager says goes to the log and its last line into the failure; which package was
 * to blame is found by asking for each alone, as every manager says it in words of its own.
 */

#include "liveos/packages.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/context.h"
#include "liveos/grub-tools.h"
#include "liveos/package-manager.h"
#include "liveos/package-sources.h"
#include "liveos/places.h"
#include "liveos/run.h"

/* Scripts of packages ask it whether they may start a daemon, and 101 says no: in a cage there is no
 * systemd that would answer for them. */
#define POLICY_NAME  "policy-rc.d"
#define POLICY_PLACE "/usr/sbin/" POLICY_NAME
#define POLICY_TEXT  "#!/bin/sh\nexit 101\n"

/* Looking for the package that is to blame ends somewhere. */
#define BLAME_MAX 100

typedef struct Work {
        const Build *build;
        const PackageManager *manager;
        int root_fd;
        bool network;
        bool is_fresh; /* what the repositories hold has been read */
        CommandBind binds[2 + GRUB_TOOLS_BINDS_MAX];
        unsigned n_binds;
} Work;

/* ---- commands ---- */

static int gather_binds(Work *work, Failure *reterr) {
        work->binds[work->n_binds++] = (CommandBind){ PLACE_PACKAGES, PACKAGES_SHOWN };
        if (work->manager->format == PACKAGE_DEB)
                work->binds[work->n_binds++] = (CommandBind){ PLACE_PACKAGES "/" POLICY_NAME,
                                                              POLICY_PLACE };
        return grub_tools_add(
                        work->build,
                        GRUB_TOOLS_FOR_PACKAGES,
                        work->root_fd,
                        work->binds,
                        &work->n_binds,
                        reterr);
}

static Command make_command(const Work *work, char *const *argv) {
        Command command = COMMAND_INIT;

        command.argv = (const char *const *) argv;
        command.environment = work->manager->environment;
        command.root = PLACE_TREE;
        command.binds = work->binds;
        command.n_binds = work->n_binds;
        command.profile = COMMAND_IMAGE;
        return command;
}

/* Without a word in the log. Returns the exit status or a negative errno. */
static int ask(const Work *work, PackageVerb verb, char *const *names, Failure *reterr) {
        _cleanup_strv_ char **argv = NULL;
        Command command;
        int r = package_manager_argv(work->manager, verb, names, &argv);

        if (r < 0)
                return r;
        command = make_command(work, argv);
        return command_run(&command, reterr);
}

static int run(const Work *work,
               PackageVerb verb,
               char *const *names,
               bool network,
               Failure *reterr) {
        _cleanup_strv_ char **argv = NULL;
        Command command;
        int r;

        if (!work->manager->verbs[verb])
                return 0;
        r = package_manager_argv(work->manager, verb, names, &argv);
        if (r < 0)
                return r;
        command = make_command(work, argv);
        command.network = network;
        return run_logged(work->build->report_fd, work->manager->name, command, reterr);
}

/* ---- who is to blame ---- */

/* The first of the names that the manager denies when asked for it alone; NULL when there is none. */
static const char *find_denied(const Work *work, PackageVerb verb, char *const *names) {
        size_t n = 0;

        STRV_FOREACH(name, names) {
                char *alone[] = { *name, NULL };

                if (++n > BLAME_MAX)
                        break;
                if (ask(work, verb, alone, /* reterr= */ NULL) > 0)
                        return *name;
        }
        return NULL;
}

/* The names without the versions behind '=', which databases of what is installed do not take. */
static char **without_versions(char *const *names) {
        _cleanup_strv_ char **list = NULL;

        STRV_FOREACH(name, names)
                if (strv_append_take(&list, strndup(*name, strcspn(*name, "="))) < 0)
                        return NULL;
        return TAKE_PTR(list);
}

/* Managers pass over what is not there, but a config that names it has a mistake. */
static int check_installed(const Work *work, PackageSet set, char *const *names, Failure *reterr) {
        _cleanup_strv_ char **bare = without_versions(names);
        const char *denied;
        int r = bare ? ask(work, PACKAGE_IS_INSTALLED, bare, reterr) : -ENOMEM;

        if (r == 0)
                return 0;
        if (r < 0)
                return failure_default(
                                reterr,
                                r,
                                "%s: what is installed cannot be found out",
                                config_packages_key(set));
        denied = find_denied(work, PACKAGE_IS_INSTALLED, bare);
        return denied ? failure_set(reterr,
                                    -EIO,
                                    "%s: the package '%s' is not installed in the image; check "
                                    "its name, or take it out of the list.",
                                    config_packages_key(set),
                                    denied)
                      : 0;
}

/* The failure has what the manager said of all of them. */
static int blame(const Work *work, PackageSet set, char *const *names, Failure *reterr) {
        const char *denied = find_denied(work, PACKAGE_IS_KNOWN, names);

        if (!denied) {
                failure_prefix(reterr, "%s: ", config_packages_key(set));
                return -EIO;
        }
        return failure_set(
                        reterr,
                        -EIO,
                        "%s: %s cannot install the package '%s' from the repositories that it has; "
                        "check its name and version, and the repositories; the job's log has what "
                        "%s said.",
                        config_packages_key(set),
                        work->manager->name,
                        denied,
                        work->manager->name);
}

/* ---- the sets ---- */

static int read_list(
                void *userdata _unused_,
                const ConfigPath *list,
                char **ret_text,
                size_t *ret_size) {
        _cleanup_close_ int fd = context_open(list->entry, /* reterr= */ NULL);

        return fd < 0 ? fd : fd_read_all(fd, PACKAGE_LIST_MAX_BYTES, ret_text, ret_size);
}

/* Everything was judged before; a mistake found here says that the context was exchanged. */
static int gather(const Build *build, size_t step, PackageSet set, char ***ret, Failure *reterr) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r = config_packages_gather(
                        &build->config.packages,
                        step,
                        set,
                        read_list,
                        /* userdata= */ NULL,
                        ret,
                        &diagnostics);

        if (r == -EBADMSG && diagnostics.n_items > 0) {
                const Diagnostic *first = &diagnostics.items[0];
                const ConfigPlace place = { first->line, first->column, first->file };
                _cleanup_free_ char *where = config_place_to_text(&build->config, &place);

                return failure_set(
                                reterr,
                                r,
                                "The config has mistakes: %s: %s",
                                where ? where : "?",
                                first->message);
        }
        return r;
}

/* Once, and only where something is taken from them. */
static int refresh(Work *work, Failure *reterr) {
        int r;

        if (work->is_fresh)
                return 0;
        r = run(work, PACKAGE_REFRESH, NULL, work->network, reterr);
        if (r < 0)
                failure_prefix(reterr, "os.packages: what the repositories hold cannot be read: ");
        work->is_fresh = r >= 0;
        return r;
}

static int change(Work *work, size_t step, PackageSet set, Failure *reterr) {
        static const PackageVerb verbs[_PACKAGE_SET_MAX] = {
                [PACKAGES_REMOVE] = PACKAGE_REMOVE,
                [PACKAGES_INSTALL] = PACKAGE_INSTALL,
                [PACKAGES_UPDATE] = PACKAGE_UPDATE,
        };
        _cleanup_strv_ char **names = NULL;
        int r = gather(work->build, step, set, &names, reterr);

        if (r < 0 || !names)
                return r;
        if (set != PACKAGES_INSTALL)
                r = check_installed(work, set, names, reterr);
        if (r >= 0 && set != PACKAGES_REMOVE)
                r = refresh(work, reterr);
        if (r < 0)
                return r;
        r = run(work, verbs[set], names, set != PACKAGES_REMOVE && work->network, reterr);
        if (r == -EIO && set != PACKAGES_REMOVE)
                return blame(work, set, names, reterr);
        if (r < 0)
                failure_prefix(reterr, "%s: ", config_packages_key(set));
        return r;
}

static int update_all(Work *work, Failure *reterr) {
        int r = refresh(work, reterr);

        if (r < 0)
                return r;
        r = run(work, PACKAGE_UPDATE_ALL, NULL, work->network, reterr);
        if (r < 0)
                failure_prefix(reterr, "os.packages.updateExistingPackages: ");
        return r;
}

static int take_step(Work *work, size_t step, Failure *reterr) {
        int r = change(work, step, PACKAGES_REMOVE, reterr);

        if (r >= 0 && config_packages_update_existing(&work->build->config.packages, step))
                r = update_all(work, reterr);
        if (r >= 0)
                r = change(work, step, PACKAGES_INSTALL, reterr);
        if (r >= 0)
                r = change(work, step, PACKAGES_UPDATE, reterr);
        return r;
}

static int change_all(Work *work, Failure *reterr) {
        size_t n = config_packages_steps(&work->build->config.packages);
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = take_step(work, i, reterr);
        return r < 0 ? r : run(work, PACKAGE_CLEAN, NULL, /* network= */ false, reterr);
}

/* ---- what is there meanwhile ---- */

/* In the image's tree, which may have anything under that name. */
static int make_cache(const Work *work) {
        _cleanup_close_ int fd = -EBADF;
        int r = fs_remove_tree(work->root_fd, PACKAGES_CACHE + 1);

        if (r >= 0 && mkdirat(work->root_fd, PACKAGES_CACHE + 1, 0755) < 0)
                r = -errno;
        if (r >= 0)
                r = fd = fd_open_child(work->root_fd, PACKAGES_CACHE + 1, O_PATH | O_DIRECTORY);
        for (size_t i = 0; r >= 0 && work->manager->cache_folders[i]; i++)
                r = fs_mkdir_beneath(fd, work->manager->cache_folders[i], 0755);
        return r;
}

static int make_policy(void) {
        _cleanup_close_ int fd = open(PLACE_PACKAGES, O_PATH | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno
                      : fs_write_in_root(fd, POLICY_NAME, POLICY_TEXT, strlen(POLICY_TEXT), 0755);
}

static int remove_all(const Work *work) {
        _cleanup_close_ int fd = open(PLACE_WORK, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int r = fd < 0 ? -errno : fs_remove_tree(work->root_fd, PACKAGES_CACHE + 1);

        return r < 0 ? r : fs_remove_tree(fd, strrchr(PLACE_PACKAGES, '/') + 1);
}

static int no_manager(Failure *reterr) {
        _cleanup_free_ char *names = package_manager_names();

        return failure_set(
                        reterr,
                        -ENOPKG,
                        "os.packages: the image has no package manager that pxed knows (%s); use "
                        "another image, or leave os.packages out.",
                        names ? names : "");
}

int packages_apply(const Build *build, int root_fd, Failure *reterr) {
        bool network = config_packages_need_network(&build->config.packages);
        Work work = {
                .build = build,
                .manager = package_manager_find(root_fd),
                .root_fd = root_fd,
                .network = network,
        };
        int r;

        if (!config_packages_wanted(&build->config.packages))
                return 0;
        if (!work.manager)
                return no_manager(reterr);
        if (network && !build->order->network)
                return failure_set(
                                reterr,
                                -EACCES,
                                "os.packages needs the network, which this build was not allowed.");
        r = package_sources_lay_out(build, work.manager, root_fd, reterr);
        if (r < 0)
                return r;
        r = make_cache(&work);
        if (r >= 0)
                r = make_policy();
        if (r >= 0)
                r = gather_binds(&work, reterr);
        if (r >= 0)
                r = change_all(&work, reterr);
        if (r >= 0)
                r = remove_all(&work);
        return r < 0 ? failure_default(reterr, r, "os.packages cannot be carried out") : 0;
}
