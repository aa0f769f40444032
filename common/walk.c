/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The sorted walk. A folder's names are read whole and sorted before the first of them is visited,
 * so that the order does not depend on the file system, and the path is one buffer that grows and
 * shrinks with the depth.
 */

#include "common/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/buffer.h"
#include "common/fs.h"
#include "common/strings.h"

typedef struct Walk {
        WalkFn on_entry;
        void *userdata;
        Buffer path; /* of the entry that is being visited */
        unsigned depth;
} Walk;

static const char *walk_path(const Walk *w) {
        return w->path.size > 0 ? w->path.data : ".";
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Not strv_append(): it counts the list anew for each name, and a folder may hold very many. */
static int append_name(char ***names, size_t *n, size_t *allocated, const char *name) {
        if (*n + 1 >= *allocated) {
                size_t more = *allocated * 2 + 64;
                char **grown = reallocarray(*names, more, sizeof(char *));

                if (!grown)
                        return -ENOMEM;
                *names = grown;
                *allocated = more;
        }
        (*names)[*n] = strdup(name);
        if (!(*names)[*n])
                return -ENOMEM;
        (*names)[++*n] = NULL;
        return 0;
}

static int read_names(int folder_fd, char ***ret_names) {
        _cleanup_closedir_ DIR *d = NULL;
        _cleanup_strv_ char **names = NULL;
        size_t n = 0, allocated = 0;
        struct dirent *entry;
        int fd, r;

        /* A file description of its own: reading a folder moves the position. */
        fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        d = fs_opendir(fd);
        if (!d)
                return -errno;
        while ((entry = fs_readdir(d))) {
                r = append_name(&names, &n, &allocated, entry->d_name);
                if (r < 0)
                        return r;
        }
        if (errno != 0)
                return -errno;
        if (n > 0)
                qsort(names, n, sizeof(char *), compare_names);
        *ret_names = TAKE_PTR(names);
        return 0;
}

static int walk_folder(Walk *w, int folder_fd, Failure *reterr);

static int enter_folder(Walk *w, int folder_fd, const char *name, Failure *reterr) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (w->depth >= WALK_DEPTH_MAX)
                return failure_set(
                                reterr,
                                -ELOOP,
                                "The folder '%s' is nested deeper than %d folders.",
                                walk_path(w),
                                WALK_DEPTH_MAX);
        fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "Cannot open the folder '%s'",
                                walk_path(w));
        w->depth++;
        r = walk_folder(w, fd, reterr);
        w->depth--;
        return r;
}

static int visit(Walk *w, int folder_fd, const char *name, Failure *reterr) {
        WalkEntry entry = { .name = name, .folder_fd = folder_fd };
        int r;

        entry.path = walk_path(w);
        if (fstatat(folder_fd, name, &entry.st, AT_SYMLINK_NOFOLLOW) < 0)
                return failure_set_errno(reterr, -errno, "Cannot look at '%s'", entry.path);
        r = w->on_entry(w->userdata, &entry, reterr);
        if (r < 0 || !S_ISDIR(entry.st.st_mode))
                return r;
        return enter_folder(w, folder_fd, name, reterr);
}

static int walk_folder(Walk *w, int folder_fd, Failure *reterr) {
        _cleanup_strv_ char **names = NULL;
        size_t size = w->path.size;
        int r;

        r = read_names(folder_fd, &names);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot read the folder '%s'", walk_path(w));
        STRV_FOREACH(name, names) {
                r = buffer_printf(&w->path, "%s%s", size > 0 ? "/" : "", *name);
                if (r < 0)
                        return r;
                r = visit(w, folder_fd, *name, reterr);
                if (r < 0)
                        return r;
                w->path.size = size;
                w->path.data[size] = '\0';
        }
        return 0;
}

int walk_tree(int folder_fd, WalkFn on_entry, void *userdata, Failure *reterr) {
        Walk walk = { .on_entry = on_entry, .userdata = userdata };
        int r = walk_folder(&walk, folder_fd, reterr);

        buffer_done(&walk.path);
        return r;
}
