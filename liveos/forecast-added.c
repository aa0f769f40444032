/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The config's files, looked at and not copied: a plan has the context that a build would have. Accounts, units
 * and the like are a few lines and do not count.
 */

#include "liveos/forecast-added.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/strings.h"
#include "common/walk.h"
#include "liveos/context.h"
#include "liveos/iso-tree.h"

typedef struct Round {
        const ConfigDir *dir;
        ForecastAddedFn on_file;
        void *userdata;
} Round;

static int add_of_dir(void *userdata, const WalkEntry *entry, Failure *reterr) {
        const Round *round = userdata;
        const char *top = round->dir->destination + strspn(round->dir->destination, "/");
        _cleanup_free_ char *path = NULL;
        _cleanup_close_ int fd = -EBADF;

        if (!S_ISREG(entry->st.st_mode))
                return 0;
        path = str_printf("%s%s%s", top, *top ? "/" : "", entry->path);
        if (!path)
                return -ENOMEM;
        fd = openat(entry->folder_fd, entry->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return failure_set_errno(reterr, -errno, "'%s' cannot be read", entry->path);
        return round->on_file(round->userdata, path, fd, (uint64_t) entry->st.st_size, reterr);
}

/* Returns the descriptor of its content, -EBADF when the config's text has it. */
static int look_at(const ConfigFile *file, uint64_t *ret_bytes, Failure *reterr) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        if (file->content) {
                *ret_bytes = strlen(file->content);
                return -EBADF;
        }
        fd = context_open(file->entry, reterr);
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return failure_set_errno(reterr, -errno, "'%s' cannot be looked at", file->source);
        *ret_bytes = (uint64_t) st.st_size;
        return TAKE_FD(fd);
}

static int add_files(const ConfigFile *files, size_t n, const Round *round, Failure *reterr) {
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++) {
                const char *path = files[i].destination + strspn(files[i].destination, "/");
                uint64_t bytes = 0;
                _cleanup_close_ int fd = look_at(&files[i], &bytes, reterr);

                r = fd < 0 && !files[i].content
                                    ? fd
                                    : round->on_file(round->userdata, path, fd, bytes, reterr);
        }
        return r;
}

int forecast_added_to_os(
                const Build *build,
                ForecastAddedFn on_file,
                void *userdata,
                Failure *reterr) {
        const Config *config = &build->config;
        Round round = { .on_file = on_file, .userdata = userdata };
        int r = 0;

        for (size_t i = 0; i < config->n_dirs && r >= 0; i++) {
                _cleanup_close_ int fd = context_open_folder(config->dirs[i].entry, reterr);

                round.dir = &config->dirs[i];
                r = fd < 0 ? fd : walk_tree(fd, add_of_dir, &round, reterr);
        }
        return r < 0 ? r : add_files(config->files, config->n_files, &round, reterr);
}

static bool is_replaced(const ConfigMedium *const nodes[], const char *path) {
        for (size_t k = 0; nodes[k]; k++)
                for (size_t i = 0; i < nodes[k]->n_files; i++)
                        if (str_equal(nodes[k]->files[i].destination, path))
                                return true;
        return false;
}

static int sum_up(
                void *userdata,
                const char *path _unused_,
                int fd _unused_,
                uint64_t size_bytes,
                Failure *reterr _unused_) {
        uint64_t *sum = userdata;

        *sum += size_bytes;
        return 0;
}

int forecast_added_to_medium(
                const Build *build,
                MediumKind medium,
                uint64_t *ret_bytes,
                Failure *reterr) {
        const IsoInput *iso = build->iso;
        const ConfigMedium *nodes[3];
        uint64_t sum = 0;
        const Round round = { .on_file = sum_up, .userdata = &sum };
        int r = 0;

        build_medium_nodes(build, medium, nodes);
        for (size_t i = 0; iso && i < iso->n_files; i++)
                if (iso_tree_is_users(build, iso->files[i].path) &&
                    !is_replaced(nodes, iso->files[i].path))
                        sum += iso->files[i].size_bytes;
        for (size_t k = 0; nodes[k] && r >= 0; k++)
                r = add_files(nodes[k]->files, nodes[k]->n_files, &round, reterr);
        if (r >= 0)
                *ret_bytes = sum;
        return r;
}

const char *forecast_added_unknown(const Config *config) {
        bool has_scripts = config->n_scripts > 0 || config->n_final_scripts > 0;

        if (config_packages_wanted(&config->packages))
                return has_scripts ? "packages and scripts" : "packages";
        return has_scripts ? "scripts" : NULL;
}
