/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Packing. Every file is opened here, in the user's name, and only its content leaves: the names in
 * the context are made from the config's own words.
 */

#include "client/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "client/pack-source.h"
#include "client/print.h"
#include "common/archive.h"
#include "common/fd.h"
#include "common/json.h"
#include "common/strings.h"
#include "config/context.h"

static int not_valid(const Pack *pack, Failure *reterr) {
        return failure_set(
                        reterr,
                        -EBADMSG,
                        "The config '%s' is not valid: %zu %s.",
                        pack->path,
                        pack->diagnostics.n_errors,
                        pack->diagnostics.n_errors == 1 ? "error" : "errors");
}

static int open_folder_of(const char *path) {
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *folder = NULL;
        int fd;

        folder = slash ? strndup(path, (size_t) (slash - path) + 1) : strdup(".");
        if (!folder)
                return -ENOMEM;
        fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int read_text(Pack *pack, Failure *reterr) {
        _cleanup_close_ int fd = -EBADF;
        int r = -EISDIR;
        struct stat st;

        fd = str_equal(pack->path, "-") ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                        : open(pack->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0 || fstat(fd, &st) < 0)
                return failure_set_errno(reterr, -errno, "Cannot open the config '%s'", pack->path);
        if (!S_ISDIR(st.st_mode))
                r = fd_read_all(fd, CONFIG_MAX_BYTES, &pack->text, &pack->text_size);
        if (r == -EFBIG)
                return failure_set(
                                reterr,
                                r,
                                "The config '%s' is larger than 1 MiB; put what is long into files that it names.",
                                pack->path);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot read the config '%s'", pack->path);
        return 0;
}

/* A ConfigLoad. Not blocking: it may be a fifo. The text is kept for packing. */
static int load_base(
                void *userdata,
                const char *path,
                size_t index _unused_,
                char **ret_text,
                size_t *ret_size,
                Failure *reterr) {
        _cleanup_close_ int fd = -EBADF;
        Pack *pack = userdata;
        struct stat st;
        int r;

        fd = openat(pack->folder_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return failure_set_errno(reterr, -errno, "cannot be opened");
        if (!S_ISREG(st.st_mode))
                return failure_set(reterr, -EINVAL, "is not a regular file");
        r = fd_read_all(fd, CONFIG_MAX_BYTES, ret_text, ret_size);
        if (r == -EFBIG)
                return failure_set(reterr, r, "is larger than 1 MiB");
        if (r < 0)
                return failure_set_errno(reterr, r, "cannot be read");
        if (strlen(*ret_text) != *ret_size) {
                free(TAKE_PTR(*ret_text));
                return failure_set(reterr, -EINVAL, "holds a NUL character; is it a text file?");
        }
        return strv_append(&pack->bases, *ret_text);
}

static int add_package_source(
                Json *json,
                const char *path,
                PackSourceFlags flags,
                Failure *reterr) {
        struct stat st;

        if (stat(path, &st) < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "Cannot use the package source '%s'",
                                path);
        json_begin_object(json, NULL);
        json_string(json, S_ISDIR(st.st_mode) ? "folder" : "repositoryFile", path);
        if (S_ISDIR(st.st_mode) && (flags & PACK_TRUSTED))
                json_bool(json, "trusted", true);
        json_end_object(json);
        return 0;
}

int pack_add_package_sources(
                Pack *pack,
                char *const *paths,
                PackSourceFlags flags,
                Failure *reterr) {
        _cleanup_json_ Json json = {};
        int r = 0;

        json_begin_object(&json, NULL);
        json_begin_array(&json, "sources");
        STRV_FOREACH(path, paths) {
                r = add_package_source(&json, *path, flags, reterr);
                if (r < 0)
                        return r;
        }
        json_end_array(&json);
        json_bool(&json, "disableImageRepositories", flags & PACK_NO_IMAGE_REPOSITORIES);
        json_end_object(&json);
        return json_finish(&json, &pack->sources);
}

int pack_load(const char *path, Pack *ret, Failure *reterr) {
        ConfigTexts texts = { .load = load_base, .userdata = ret };
        int r;

        ret->path = path;
        r = read_text(ret, reterr);
        if (r < 0)
                return r;
        ret->folder_fd = open_folder_of(path);
        if (ret->folder_fd < 0)
                return failure_set_errno(
                                reterr,
                                ret->folder_fd,
                                "Cannot open the folder of the config '%s'",
                                path);
        texts.text = ret->text;
        texts.size = ret->text_size;
        texts.sources = ret->sources;
        texts.sources_size = ret->sources ? strlen(ret->sources) : 0;
        r = config_parse_texts(&texts, &ret->config, &ret->diagnostics);
        if (r == -EBADMSG)
                return not_valid(ret, reterr);
        return r < 0 ? failure_set_errno(reterr, r, "Cannot parse the config '%s'", path) : 0;
}

/* A descriptor, or what keeps the file from being packed. Not blocking: it may be a fifo. */
static int open_source(const Pack *pack, const ConfigSource *source) {
        _cleanup_close_ int fd = openat(
                        source->is_of_caller ? AT_FDCWD : pack->folder_fd,
                        source->path,
                        O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (source->is_folder)
                return S_ISDIR(st.st_mode) ? TAKE_FD(fd) : -ENOTDIR;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        return S_ISREG(st.st_mode) ? TAKE_FD(fd) : -EINVAL;
}

static void check_source(Pack *pack, const ConfigSource *source) {
        _cleanup_close_ int fd = open_source(pack, source);

        if (fd < 0)
                diagnostics_add_at(
                                &pack->diagnostics,
                                REPORT_ERROR,
                                &source->place,
                                "%s: cannot use the %s '%s': %s",
                                source->key,
                                source->is_folder ? "folder" : "file",
                                source->path,
                                fd == -EINVAL ? "it is not a regular file" : strerror(-fd));
}

static int read_list(void *userdata, const ConfigPath *list, char **ret_text, size_t *ret_size) {
        const ConfigSource source = { .path = list->path };
        _cleanup_close_ int fd = open_source(userdata, &source);

        return fd < 0 ? fd : fd_read_all(fd, PACKAGE_LIST_MAX_BYTES, ret_text, ret_size);
}

/* A list file that cannot be read was told already. */
static int check_lists_of(Pack *pack, size_t step) {
        int r = 0;

        for (int set = 0; set < _PACKAGE_SET_MAX && r >= 0; set++) {
                _cleanup_strv_ char **names = NULL;

                r = config_packages_gather(
                                &pack->config.packages,
                                step,
                                (PackageSet) set,
                                read_list,
                                pack,
                                &names,
                                &pack->diagnostics);
                if (r == -EBADMSG)
                        r = 0;
        }
        return r;
}

static int check_lists(Pack *pack) {
        int r = 0;

        for (size_t i = 0; i < config_packages_steps(&pack->config.packages) && r >= 0; i++)
                r = check_lists_of(pack, i);
        return r;
}

int pack_check(Pack *pack, const Order *order, ConfigImage image, Failure *reterr) {
        _cleanup_free_ ConfigSource *sources = NULL;
        const Config *config = &pack->config;
        size_t n;
        int r = config_check(config, order, image, &pack->diagnostics);

        if (r < 0 && r != -EBADMSG)
                return failure_set_errno(reterr, r, "Cannot check the config '%s'", pack->path);
        r = config_sources(config, &sources, &n);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                check_source(pack, &sources[i]);
        if (pack->diagnostics.n_errors == 0)
                r = check_lists(pack);
        if (r < 0)
                return r;
        diagnostics_sort(&pack->diagnostics);
        return pack->diagnostics.n_errors > 0 ? not_valid(pack, reterr) : 0;
}

int pack_check_format(Pack *pack, const char *word, Failure *reterr) {
        int r = word ? 0 : config_check_output_format(&pack->config, &pack->diagnostics);

        return r == -EBADMSG ? not_valid(pack, reterr) : r;
}

bool pack_names_files(const Pack *pack) {
        _cleanup_free_ ConfigSource *sources = NULL;
        size_t n;

        if (pack->bases || pack->sources)
                return true;
        return config_sources(&pack->config, &sources, &n) >= 0 && n > 0;
}

static int add_sources(const Pack *pack, ArchiveWriter *w, Failure *reterr) {
        _cleanup_pack_names_ PackNames names = {};
        _cleanup_free_ ConfigSource *sources = NULL;
        size_t n;
        int r = config_sources(&pack->config, &sources, &n);

        for (size_t i = 0; r >= 0 && i < n; i++) {
                _cleanup_close_ int fd = open_source(pack, &sources[i]);
                const PackSource source = {
                        .path = sources[i].path,
                        .entry = sources[i].entry,
                        .fd = fd,
                };

                if (fd < 0)
                        return failure_set_errno(
                                        reterr,
                                        fd == -EINVAL ? -EIO : fd,
                                        "Cannot pack the %s '%s'",
                                        sources[i].is_folder ? "folder" : "file",
                                        sources[i].path);
                r = sources[i].is_folder ? pack_add_folder(w, &source, &names, reterr)
                                         : pack_add_file(w, &source, &names, reterr);
        }
        return r;
}

static int add_bases(const Pack *pack, ArchiveWriter *w) {
        size_t n = 0;
        int r = 0;

        STRV_FOREACH(text, pack->bases) {
                _cleanup_free_ char *name = str_printf(CONTEXT_BASES "%zu", n++);

                if (!name)
                        return -ENOMEM;
                r = archive_add_bytes(w, name, 0644, 0, *text, strlen(*text));
                if (r < 0)
                        return r;
        }
        return r;
}

/* On disk, since what a config names may be large; in memory where the folder cannot do it. */
static int open_nameless_file(void) {
        const char *folder = getenv("TMPDIR");
        int fd = open(folder ?: "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

        if (fd < 0)
                fd = memfd_create("context", MFD_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int pack_write(const Pack *pack, int *ret_fd, Failure *reterr) {
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int fd = open_nameless_file();
        int r = fd;

        if (r >= 0)
                r = archive_writer_new(ARCHIVE_TAR, fd, &w);
        if (r >= 0)
                r = archive_add_bytes(w, CONTEXT_CONFIG, 0644, 0, pack->text, pack->text_size);
        if (r >= 0 && pack->sources)
                r = archive_add_bytes(
                                w,
                                CONTEXT_SOURCES,
                                0644,
                                0,
                                pack->sources,
                                strlen(pack->sources));
        if (r >= 0)
                r = add_bases(pack, w);
        if (r >= 0)
                r = add_sources(pack, w, reterr);
        if (r >= 0)
                r = archive_writer_finish(w, reterr);
        if (r >= 0 && lseek(fd, 0, SEEK_SET) < 0)
                r = -errno;
        if (r < 0)
                return failure_default(reterr, r, "Cannot write the context");
        *ret_fd = TAKE_FD(fd);
        return 0;
}

char *pack_path(const Pack *pack, const char *path) {
        const char *slash = strrchr(pack->path, '/');

        if (path[0] == '/' || !slash)
                return strdup(path);
        return str_printf("%.*s/%s", (int) (slash - pack->path), pack->path, path);
}

char *pack_file_name(const Pack *pack, const Diagnostic *diagnostic) {
        const char *name = diagnostics_file_name(&pack->diagnostics, diagnostic->file);

        return name ? pack_path(pack, name) : strdup(pack->path);
}

void pack_print_diagnostics(const Pack *pack, FILE *to) {
        for (size_t i = 0; i < pack->diagnostics.n_items; i++) {
                const Diagnostic *item = &pack->diagnostics.items[i];
                _cleanup_free_ char *name = pack_file_name(pack, item);

                fprintf(to, "%s:", name ? name : pack->path);
                if (item->line > 0)
                        fprintf(to, "%u:%u:", item->line, item->column);
                fprintf(to, " %s: ", item->severity == REPORT_ERROR ? "error" : "warning");
                print_line(to, item->message);
        }
}

void pack_done(Pack *pack) {
        free(pack->text);
        free(pack->sources);
        strv_free(pack->bases);
        config_done(&pack->config);
        diagnostics_done(&pack->diagnostics);
        if (pack->folder_fd >= 0)
                (void) close(pack->folder_fd);
        *pack = PACK_NULL;
}
