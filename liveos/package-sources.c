/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The layout: PLACE_PACKAGES/N has the N-th source's folder, N.asc or N.gpg its key, and
 * "repositories" the files that name them all. Contents are linked, not copied, as they lie in the same
 * scratch folder. A later source is told first to apt-get, for which the first of equal versions counts,
 * and with a smaller priority to the others.
 */

#include "liveos/package-sources.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "common/walk.h"
#include "liveos/context.h"
#include "liveos/package-index.h"
#include "liveos/places.h"

#define REPOSITORY_MAX_BYTES (1024U * 1024U)
#define REPOSITORIES_MAX     1000U
#define KEY_MAX_BYTES        (1024U * 1024U)

typedef struct Source {
        const ConfigPackageSource *config;
        size_t number;   /* among the sources … */
        size_t priority; /* … and from the last of them on, from 1 */
        const char *key; /* suffix of its key's name; NULL: none */
} Source;

/* What managers of one format of packages have in common. */
typedef struct Format {
        const char *package_suffix;
        const char *const *repository_suffixes; /* the first is that of our own */
        const char *const *image_places;        /* files and folders that name its repositories */
        const char *const *index_names;
        const char *const *signature_names; /* NULL: packages are signed one by one */
        int (*make_index)(const Build *build, size_t number, Failure *reterr);
        int (*describe)(Buffer *text, const Source *source);
} Format;

#define WORDS(...)                \
        (const char *const[]) {   \
                __VA_ARGS__, NULL \
        }

static int describe_deb(Buffer *text, const Source *source) {
        int r = buffer_append_string(text, "deb ");

        if (r >= 0 && source->config->trusted)
                r = buffer_append_string(text, "[trusted=yes] ");
        if (r >= 0 && source->key)
                r = buffer_printf(
                                text,
                                "[signed-by=" PACKAGES_SHOWN "/%zu%s] ",
                                source->number,
                                source->key);
        return r < 0 ? r : buffer_printf(text, "file:" PACKAGES_SHOWN "/%zu ./\n", source->number);
}

static int describe_rpm(Buffer *text, const Source *source) {
        int r = buffer_printf(
                        text,
                        "[pxed-%zu]\n"
                        "name=os.packages.sources[%zu]\n"
                        "baseurl=file://" PACKAGES_SHOWN "/%zu\n"
                        "enabled=1\n"
                        "gpgcheck=%d\n"
                        "priority=%zu\n",
                        source->number,
                        source->number,
                        source->number,
                        !source->config->trusted,
                        source->priority);

        return r < 0 || !source->key ? r
                                     : buffer_printf(text,
                                                     "gpgkey=file://" PACKAGES_SHOWN "/%zu%s\n",
                                                     source->number,
                                                     source->key);
}

static const Format formats[_PACKAGE_FORMAT_MAX] = {
        [PACKAGE_DEB] = {
                .package_suffix = ".deb",
                .repository_suffixes = WORDS(".list", ".sources"),
                .image_places = WORDS("etc/apt/sources.list", "etc/apt/sources.list.d"),
                .index_names = WORDS("Packages", "Packages.gz", "Packages.xz"),
                .signature_names = WORDS("InRelease", "Release.gpg"),
                .make_index = package_index_make_deb,
                .describe = describe_deb,
        },
        [PACKAGE_RPM] = {
                .package_suffix = ".rpm",
                .repository_suffixes = WORDS(".repo"),
                .image_places = WORDS("etc/yum.repos.d", "etc/yum/repos.d", "etc/distro.repos.d"),
                .index_names = WORDS("repodata/repomd.xml"),
                .make_index = package_index_make_rpm,
                .describe = describe_rpm,
        },
};

/* The list's suffix that the name ends in; NULL when there is none. */
static const char *find_suffix(const char *const *suffixes, const char *name) {
        for (; *suffixes; suffixes++)
                if (str_has_suffix(name, *suffixes))
                        return *suffixes;
        return NULL;
}

static int write_below(const char *folder, const char *name, const char *text, size_t size) {
        _cleanup_close_ int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fs_write_in_root(fd, name, text, size, 0644);
}

/* ---- the image's own repositories ---- */

static int copy_file(int root_fd, const char *path, size_t number, const char *name) {
        _cleanup_free_ char *text = NULL, *target = str_printf("image-%zu-%s", number, name);
        size_t size;
        int r = fs_read_in_root(root_fd, path, REPOSITORY_MAX_BYTES, &text, &size);

        if (r == -ENOENT)
                return 0;
        if (r >= 0)
                r = target ? write_below(PLACE_PACKAGES "/" PACKAGES_REPOSITORIES,
                                         target,
                                         text,
                                         size)
                           : -ENOMEM;
        return r;
}

static int copy_folder(int root_fd, const char *path, size_t number, const Format *format) {
        _cleanup_closedir_ DIR *d = NULL;
        int fd = fd_open_in_root(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), r = 0;
        struct dirent *entry;
        size_t n = 0;

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        d = fs_opendir(fd);
        if (!d)
                return -errno;
        while (r >= 0 && (entry = fs_readdir(d))) {
                _cleanup_free_ char *file = str_printf("%s/%s", path, entry->d_name);

                if (++n > REPOSITORIES_MAX)
                        return -E2BIG;
                if (!file)
                        return -ENOMEM;
                if (find_suffix(format->repository_suffixes, entry->d_name))
                        r = copy_file(root_fd, file, number, entry->d_name);
        }
        return r;
}

/* A place is a file when its name has the suffix of one. */
static int copy_repositories(int root_fd, const Format *format, Failure *reterr) {
        for (size_t i = 0; format->image_places[i]; i++) {
                const char *place = format->image_places[i];
                int r = find_suffix(format->repository_suffixes, place)
                                        ? copy_file(root_fd, place, i, strrchr(place, '/') + 1)
                                        : copy_folder(root_fd, place, i, format);

                if (r < 0)
                        return failure_set_errno(
                                        reterr,
                                        r,
                                        "os.packages: the image's repositories in /%s cannot be "
                                        "read",
                                        place);
        }
        return 0;
}

/* ---- folders ---- */

typedef struct Folder {
        int to_fd;
        const Format *format;
        size_t n_packages;
} Folder;

static int link_entry(void *userdata, const WalkEntry *entry, Failure *reterr _unused_) {
        Folder *folder = userdata;

        if (S_ISDIR(entry->st.st_mode))
                return mkdirat(folder->to_fd, entry->path, 0755) < 0 ? -errno : 0;
        if (!S_ISREG(entry->st.st_mode))
                return 0;
        folder->n_packages += str_has_suffix(entry->name, folder->format->package_suffix);
        return linkat(entry->folder_fd, entry->name, folder->to_fd, entry->path, 0) < 0 ? -errno
                                                                                        : 0;
}

static bool has_one(int folder_fd, const char *const *names) {
        struct stat st;

        STRV_FOREACH(name, (char *const *) names)
                if (fs_stat_in_root(folder_fd, *name, &st) >= 0)
                        return true;
        return false;
}

/* Says what a folder lacks before a manager says it in words of its own. */
static int judge_folder(
                const Source *source,
                const PackageManager *manager,
                const Folder *folder,
                Failure *reterr) {
        const Format *format = folder->format;
        bool has_index = has_one(folder->to_fd, format->index_names);

        if (folder->n_packages == 0 && !has_index)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "the folder '%s' has no %s file in it, which is what the image's %s "
                                "installs.",
                                source->config->folder,
                                format->package_suffix,
                                manager->name);
        if (format->signature_names && !source->config->trusted &&
            !has_one(folder->to_fd, format->signature_names))
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "the folder '%s' is not signed, as it has neither InRelease nor "
                                "Release.gpg; sign it, or set \"trusted: true\" to have no signature "
                                "checked.",
                                source->config->folder);
        return has_index;
}

static int lay_out_folder(
                const Build *build,
                const Source *source,
                const PackageManager *manager,
                Failure *reterr) {
        _cleanup_close_ int from_fd = context_open_folder(source->config->folder_entry, reterr);
        _cleanup_free_ char *path = str_printf(PLACE_PACKAGES "/%zu", source->number);
        Folder folder = { .to_fd = -EBADF, .format = &formats[manager->format] };
        _cleanup_close_ int to_fd = -EBADF;
        int r = from_fd < 0 ? from_fd : !path ? -ENOMEM : 0;

        if (r >= 0 && mkdir(path, 0755) < 0)
                r = -errno;
        if (r < 0)
                return r;
        folder.to_fd = to_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = to_fd < 0 ? -errno : walk_tree(from_fd, link_entry, &folder, reterr);
        if (r >= 0)
                r = judge_folder(source, manager, &folder, reterr);
        return r == 0 ? folder.format->make_index(build, source->number, reterr) : r;
}

/* A text or the bytes of one: apt-get tells them by the name. */
static int lay_out_key(Source *source, Failure *reterr) {
        static const char begin[] = "-----BEGIN PGP";
        _cleanup_free_ char *text = NULL, *name = NULL;
        _cleanup_close_ int fd = -EBADF;
        size_t size;
        int r;

        if (!source->config->key)
                return 0;
        fd = context_open(source->config->key_entry, reterr);
        r = fd < 0 ? fd : fd_read_all(fd, KEY_MAX_BYTES, &text, &size);
        if (r < 0)
                return failure_default(
                                reterr,
                                r,
                                "the key '%s' cannot be read",
                                source->config->key);
        source->key = strncmp(text, begin, strlen(begin)) == 0 ? ".asc" : ".gpg";
        name = str_printf("%zu%s", source->number, source->key);
        return name ? write_below(PLACE_PACKAGES, name, text, size) : -ENOMEM;
}

/* ---- sources ---- */

static int write_repository(
                const Source *source,
                const char *suffix,
                const char *text,
                size_t size) {
        _cleanup_free_ char *name = str_printf("%02zu-source%s", source->priority, suffix);

        return name ? write_below(PLACE_PACKAGES "/" PACKAGES_REPOSITORIES, name, text, size)
                    : -ENOMEM;
}

static int lay_out_repository_file(
                const Source *source,
                const PackageManager *manager,
                Failure *reterr) {
        const char *const *suffixes = formats[manager->format].repository_suffixes;
        const char *path = source->config->repository_file, *suffix = find_suffix(suffixes, path);
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (!suffix)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "the image's %s cannot use the repository file '%s'; its name must "
                                "end in %s%s%s.",
                                manager->name,
                                path,
                                suffixes[0],
                                suffixes[1] ? " or " : "",
                                suffixes[1] ? suffixes[1] : "");
        fd = context_open(source->config->repository_file_entry, reterr);
        r = fd < 0 ? fd : fd_read_all(fd, REPOSITORY_MAX_BYTES, &text, &size);
        return r < 0 ? r : write_repository(source, suffix, text, size);
}

static int lay_out_source(
                const Build *build,
                Source *source,
                const PackageManager *manager,
                Failure *reterr) {
        const Format *format = &formats[manager->format];
        _cleanup_buffer_ Buffer text = {};
        int r;

        if (source->config->repository_file)
                return lay_out_repository_file(source, manager, reterr);
        r = lay_out_folder(build, source, manager, reterr);
        if (r >= 0)
                r = lay_out_key(source, reterr);
        if (r >= 0)
                r = format->describe(&text, source);
        return r < 0 ? r
                     : write_repository(
                                       source,
                                       format->repository_suffixes[0],
                                       text.data,
                                       text.size);
}

/* Those of the command line have no line. */
static int prefix_source(const Build *build, const Source *source, int error, Failure *reterr) {
        const ConfigPlace *place = &source->config->place;
        _cleanup_free_ char *where = config_place_to_text(&build->config, place);

        (void) failure_default(reterr, error, "it cannot be laid out");
        if (place->line > 0)
                failure_prefix(reterr,
                               "os.packages.sources[%zu] (%s): ",
                               source->number,
                               where ? where : "?");
        else
                failure_prefix(reterr, "os.packages.sources[%zu]: ", source->number);
        return error;
}

static int lay_out_sources(const Build *build, const PackageManager *manager, Failure *reterr) {
        const ConfigPackages *packages = &build->config.packages;

        for (size_t i = 0; i < packages->n_sources; i++) {
                Source source = {
                        .config = &packages->sources[i],
                        .number = i,
                        .priority = packages->n_sources - i,
                };
                int r = lay_out_source(build, &source, manager, reterr);

                if (r < 0)
                        return prefix_source(build, &source, r, reterr);
        }
        return 0;
}

int package_sources_lay_out(
                const Build *build,
                const PackageManager *manager,
                int root_fd,
                Failure *reterr) {
        int r = 0;

        if (mkdir(PLACE_PACKAGES, 0755) < 0 ||
            mkdir(PLACE_PACKAGES "/" PACKAGES_REPOSITORIES, 0755) < 0)
                return failure_set_errno(reterr, -errno, "The packages' folder cannot be made");
        if (!build->config.packages.disable_image_repositories)
                r = copy_repositories(root_fd, &formats[manager->format], reterr);
        return r < 0 ? r : lay_out_sources(build, manager, reterr);
}
