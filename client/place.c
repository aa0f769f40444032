/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Places. Folders change places with their predecessors (RENAME_EXCHANGE), so that at no moment
 * there is none; where a file system cannot do that, the old one steps aside first.
 */

#include "client/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "common/fs.h"
#include "common/strings.h"

#define TEMPORARY_TRIES 16

mode_t place_mode(PlaceKind kind) {
        mode_t mask = umask(0);

        (void) umask(mask);
        return (kind == PLACE_FILE ? 0666 : 0777) & ~mask;
}

/* Splits in the folder that exists and the name in it that may not. */
static int split(const char *path, char **ret_folder, char **ret_name) {
        _cleanup_free_ char *copy = strdup(path);
        size_t size = copy ? strlen(copy) : 0;
        char *slash;

        if (!copy)
                return -ENOMEM;
        while (size > 1 && copy[size - 1] == '/')
                copy[--size] = '\0';
        slash = strrchr(copy, '/');
        *ret_name = strdup(slash ? slash + 1 : copy);
        if (slash)
                slash[slash == copy] = '\0';
        *ret_folder = strdup(slash ? copy : ".");
        return *ret_name && *ret_folder ? 0 : -ENOMEM;
}

static int find(const char *path, Place *ret, Failure *reterr) {
        _cleanup_free_ char *real = realpath(path, NULL), *folder = NULL;
        int r = split(real ?: path, &folder, &ret->name);

        if (r < 0)
                return r;
        if (str_is_empty(ret->name) || str_equal(ret->name, ".") || str_equal(ret->name, ".."))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "'%s' is not a name that a result can have; name a new file or "
                                "folder.",
                                path);
        ret->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (ret->folder_fd < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "Cannot open the folder '%s' for the result",
                                folder);
        if (faccessat(ret->folder_fd, ".", W_OK, AT_EACCESS) < 0)
                return failure_set_errno(reterr, -errno, "Cannot write to the folder '%s'", folder);
        return 0;
}

/* 1 when there is something in it. */
static int is_folder_used(const Place *place) {
        _cleanup_closedir_ DIR *d = NULL;
        int fd = openat(place->folder_fd,
                        place->name,
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        d = fs_opendir(fd);
        if (!d)
                return -errno;
        return fs_readdir(d) ? 1 : -errno;
}

/* A folder that somebody lives in is never meant, whatever --force says. */
static bool is_home_of_us(const char *path) {
        _cleanup_free_ char *real = realpath(path, NULL), *current = realpath(".", NULL);
        const char *homes[] = { current, getenv("HOME") };
        size_t size = real ? strlen(real) : 0;

        for (size_t i = 0; real && i < ELEMENTSOF(homes); i++) {
                const char *rest = homes[i] ? str_after_prefix(homes[i], real) : NULL;

                if (rest && (*rest == '\0' || *rest == '/' || size == 1))
                        return true;
        }
        return false;
}

static int check_free(const Place *place, Failure *reterr) {
        bool wants_folder = place->kind == PLACE_FOLDER;
        struct stat st;
        int used;

        if (fstatat(place->folder_fd, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0
                                       : failure_set_errno(
                                                         reterr,
                                                         -errno,
                                                         "Cannot look at '%s'",
                                                         place->path);
        if (!wants_folder && S_ISDIR(st.st_mode))
                return failure_set(
                                reterr,
                                -EISDIR,
                                "'%s' is a folder, and the result is a file; name the file itself.",
                                place->path);
        if (!wants_folder && !S_ISREG(st.st_mode))
                return failure_set(
                                reterr,
                                -ENOTSUP,
                                "'%s' is not a regular file; name a new file.",
                                place->path);
        if (wants_folder && !S_ISDIR(st.st_mode))
                return failure_set(
                                reterr,
                                -ENOTDIR,
                                "'%s' is not a folder; name a new folder.",
                                place->path);
        if (wants_folder && is_home_of_us(place->path))
                return failure_set(
                                reterr,
                                -EPERM,
                                "'%s' holds the current folder or your home and is not replaced; "
                                "name a folder in it.",
                                place->path);
        used = wants_folder && !(place->flags & PLACE_REPLACE) ? is_folder_used(place) : 0;
        if (used > 0)
                return failure_set(
                                reterr,
                                -EEXIST,
                                "The folder '%s' is not empty; name a new one, or let it be "
                                "replaced with --force.",
                                place->path);
        return used < 0 ? failure_set_errno(reterr, used, "Cannot read '%s'", place->path) : 0;
}

int place_open(const char *path, PlaceKind kind, PlaceFlags flags, Place *ret, Failure *reterr) {
        int r;

        ret->path = path;
        ret->kind = kind;
        ret->flags = flags;
        r = find(path, ret, reterr);
        return r < 0 ? failure_default(reterr, r, "Cannot use '%s'", path)
                     : check_free(ret, reterr);
}

static int make_temporary(const Place *place, const char *name) {
        int fd;

        if (place->kind == PLACE_FILE) {
                fd = openat(place->folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
                return fd < 0 ? -errno : fd;
        }
        if (mkdirat(place->folder_fd, name, 0700) < 0)
                return -errno;
        fd = openat(place->folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int place_begin(Place *place, Failure *reterr) {
        int fd = -EEXIST;

        for (unsigned i = 0; fd == -EEXIST && i < TEMPORARY_TRIES; i++) {
                _cleanup_free_ char *name = NULL;
                unsigned random = 0;

                /* Without it the names that are tried are merely the same each time. */
                if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
                        random = 0;
                name = str_printf(".%.200s.%08x", place->name, random + i);
                if (!name)
                        return -ENOMEM;
                fd = make_temporary(place, name);
                if (fd >= 0)
                        place->temporary = TAKE_PTR(name);
        }
        return fd < 0 ? failure_set_errno(
                                        reterr,
                                        fd,
                                        "Cannot make anything beside '%s'",
                                        place->path)
                      : fd;
}

static int rename_in(const Place *place, const char *from, const char *to, unsigned flags) {
        return renameat2(place->folder_fd, from, place->folder_fd, to, flags) < 0 ? -errno : 0;
}

/* For file systems without RENAME_EXCHANGE. */
static int step_aside(const Place *place) {
        _cleanup_free_ char *aside = str_printf("%s.old", place->temporary);
        int r;

        if (!aside)
                return -ENOMEM;
        r = rename_in(place, place->name, aside, RENAME_NOREPLACE);
        if (r < 0)
                return r;
        r = rename_in(place, place->temporary, place->name, 0);
        if (r < 0) {
                (void) rename_in(place, aside, place->name, 0);
                return r;
        }
        return rename_in(place, aside, place->temporary, 0);
}

/* The older folder, with all that is in it, is what has the temporary name afterwards. */
static int exchange(const Place *place) {
        int r = rename_in(place, place->temporary, place->name, RENAME_EXCHANGE);

        if (r == -EINVAL || r == -ENOSYS)
                r = step_aside(place);
        return r < 0 ? r : fs_remove_tree(place->folder_fd, place->temporary);
}

int place_commit(Place *place, int fd, Failure *reterr) {
        int r = 0;

        if (fchmod(fd, place_mode(place->kind)) < 0 || fsync(fd) < 0)
                r = -errno;
        if (r >= 0)
                r = rename_in(place, place->temporary, place->name, 0);
        if (r == -ENOTEMPTY || r == -EEXIST)
                r = place->flags & PLACE_REPLACE ? exchange(place) : r;
        if (r == -EBUSY)
                return failure_set(
                                reterr,
                                r,
                                "'%s' is a mount point and cannot be replaced; name a folder in "
                                "it.",
                                place->path);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "Cannot put the result in place as '%s'",
                                place->path);
        free(TAKE_PTR(place->temporary));
        (void) fsync(place->folder_fd); /* not all file systems can */
        return 0;
}

void place_done(Place *place) {
        if (place->temporary)
                (void) fs_remove_tree(place->folder_fd, place->temporary);
        if (place->folder_fd >= 0)
                (void) close(place->folder_fd);
        free(place->temporary);
        free(place->name);
        *place = PLACE_NULL;
}
