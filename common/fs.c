/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Files and folders by (descriptor, name). One opener decides how links are seen, everything else
 * is built on it.
 */

#include "common/fs.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include "common/fd.h"
#include "common/strings.h"

#define FOLDERS_MAX 256
#define DEPTH_MAX   128

typedef int (*Opener)(int directory_fd, const char *path, int flags, mode_t mode);

int fs_read_in_root(int root_fd, const char *path, size_t max, char **ret_data, size_t *ret_size) {
        /* Not blocking: a fifo or a device under the name must not stop us. */
        _cleanup_close_ int fd = fd_open_in_root(
                        root_fd,
                        path,
                        O_RDONLY | O_NONBLOCK | O_NOCTTY,
                        0);

        if (fd < 0)
                return fd;
        return fd_pread_all(fd, max, ret_data, ret_size);
}

/* Splits "a/b//c/" in "a/b" and "c"; the folder is "." for a name alone. */
static int split_path(const char *path, char **ret_folder, char **ret_name) {
        _cleanup_free_ char *folder = NULL, *name = NULL;
        size_t end = strlen(path), start;

        while (end > 0 && path[end - 1] == '/')
                end--;
        start = end;
        while (start > 0 && path[start - 1] != '/')
                start--;
        if (start == end)
                return -EINVAL;
        name = strndup(path + start, end - start);
        folder = start > 0 ? strndup(path, start) : strdup(".");
        if (!name || !folder)
                return -ENOMEM;
        *ret_folder = TAKE_PTR(folder);
        *ret_name = TAKE_PTR(name);
        return 0;
}

/* Somebody else was faster, which is fine, or a link there leads nowhere, which is not. */
static int check_folder(int root_fd, const char *path, Opener opener) {
        _cleanup_close_ int fd = opener(root_fd, path, O_PATH | O_DIRECTORY, 0);

        return fd < 0 ? -EEXIST : 0;
}

/* The mode as it was asked for, whatever the umask is. */
static int set_mode(int folder_fd, const char *name, mode_t mode) {
        _cleanup_close_ int fd = fd_open_child(folder_fd, name, O_RDONLY | O_DIRECTORY);

        if (fd < 0)
                return fd;
        return fchmod(fd, mode) < 0 ? -errno : 0;
}

/* Always from the root on by whole paths: a link met half way is seen from the root too. */
static int make_path(int root_fd, const char *path, mode_t mode, Opener opener, unsigned depth) {
        _cleanup_free_ char *folder = NULL, *name = NULL;
        _cleanup_close_ int fd = opener(root_fd, path, O_PATH | O_DIRECTORY, 0), folder_fd = -EBADF;
        int r;

        if (fd != -ENOENT)
                return fd < 0 ? fd : 0;
        if (depth == 0)
                return -ELOOP;
        r = split_path(path, &folder, &name);
        if (r < 0)
                return r;
        r = make_path(root_fd, folder, mode, opener, depth - 1);
        if (r < 0)
                return r;
        folder_fd = opener(root_fd, folder, O_PATH | O_DIRECTORY, 0);
        if (folder_fd < 0)
                return folder_fd;
        if (mkdirat(folder_fd, name, mode) < 0)
                return errno == EEXIST ? check_folder(root_fd, path, opener) : -errno;
        return set_mode(folder_fd, name, mode);
}

int fs_mkdir_in_root(int root_fd, const char *path, mode_t mode) {
        return make_path(root_fd, path, mode, fd_open_in_root, FOLDERS_MAX);
}

int fs_mkdir_beneath(int directory_fd, const char *path, mode_t mode) {
        return make_path(directory_fd, path, mode, fd_open_beneath, FOLDERS_MAX);
}

static int make_parent(int root_fd, const char *path) {
        _cleanup_free_ char *folder = NULL, *name = NULL;
        int r = split_path(path, &folder, &name);

        return r < 0 ? r : fs_mkdir_in_root(root_fd, folder, 0755);
}

int fs_create_in_root(int root_fd, const char *path, mode_t mode) {
        _cleanup_close_ int fd = -EBADF;
        int r = make_parent(root_fd, path);

        if (r < 0)
                return r;
        fd = fd_open_in_root(
                        root_fd,
                        path,
                        O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY,
                        mode);
        if (fd < 0)
                return fd;
        if (fchmod(fd, mode) < 0)
                return -errno;
        return TAKE_FD(fd);
}

int fs_write_in_root(int root_fd, const char *path, const void *data, size_t size, mode_t mode) {
        _cleanup_close_ int fd = fs_create_in_root(root_fd, path, mode);

        return fd < 0 ? fd : fd_write_all(fd, data, size);
}

int fs_stat_in_root(int root_fd, const char *path, struct stat *ret) {
        _cleanup_close_ int fd = fd_open_in_root(root_fd, path, O_PATH, 0);

        if (fd < 0)
                return fd;
        return fstat(fd, ret) < 0 ? -errno : 0;
}

int fs_write_atomic(
                int directory_fd,
                const char *name,
                const void *data,
                size_t size,
                mode_t mode) {
        _cleanup_free_ char *temporary = str_printf(".%s.new", name);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!temporary)
                return -ENOMEM;
        if (unlinkat(directory_fd, temporary, 0) < 0 && errno != ENOENT) /* left by a crash */
                return -errno;
        fd = openat(directory_fd,
                    temporary,
                    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                    mode);
        if (fd < 0)
                return -errno;
        r = fd_write_all(fd, data, size);
        if (r >= 0 && fchmod(fd, mode) < 0)
                r = -errno;
        if (r >= 0 && fsync(fd) < 0)
                r = -errno;
        if (r >= 0 && renameat(directory_fd, temporary, directory_fd, name) < 0)
                r = -errno;
        if (r < 0) {
                (void) unlinkat(directory_fd, temporary, 0);
                return r;
        }
        return fsync(directory_fd) < 0 ? -errno : 0;
}

DIR *fs_opendir(int take_fd) {
        DIR *d = fdopendir(take_fd);

        if (!d) {
                int error = errno;

                (void) close(take_fd);
                errno = error;
        }
        return d;
}

struct dirent *fs_readdir(DIR *d) {
        struct dirent *entry;

        do {
                errno = 0;
                entry = readdir(d);
        } while (entry && (str_equal(entry->d_name, ".") || str_equal(entry->d_name, "..")));
        return entry;
}

/* A tree that is being removed. What lies too deep for our descriptors is moved to its top and waits
 * there for the next round. */
typedef struct Removal {
        int top_fd;
        const char *keep; /* at the top; NULL: nothing */
        unsigned n_moved; /* all rounds; part of the next name */
        int error;        /* the first */
} Removal;

static void remember(Removal *removal, int error) {
        if (removal->error == 0)
                removal->error = error;
}

static void move_to_top(Removal *removal, int directory_fd, const char *name) {
        char moved[32];
        int r;

        do {
                (void) snprintf(moved, sizeof(moved), ".removed-%u", removal->n_moved++);
                r = renameat2(directory_fd, name, removal->top_fd, moved, RENAME_NOREPLACE);
        } while (r < 0 && errno == EEXIST);
        if (r < 0)
                remember(removal, -errno);
}

static void remove_entry(Removal *removal, int directory_fd, const char *name, unsigned depth);

static void remove_entries(Removal *removal, int take_fd, unsigned depth) {
        _cleanup_closedir_ DIR *d = fs_opendir(take_fd);
        struct dirent *entry;

        if (!d) {
                remember(removal, -errno);
                return;
        }
        while ((entry = fs_readdir(d)))
                if (depth < DEPTH_MAX || !str_equal(entry->d_name, removal->keep))
                        remove_entry(removal, dirfd(d), entry->d_name, depth);
        if (errno != 0)
                remember(removal, -errno);
}

static void remove_entry(Removal *removal, int directory_fd, const char *name, unsigned depth) {
        int fd;

        if (unlinkat(directory_fd, name, 0) >= 0 || errno == ENOENT)
                return;
        if (errno != EISDIR && errno != EPERM) {
                remember(removal, -errno);
                return;
        }
        if (depth == 0) {
                move_to_top(removal, directory_fd, name);
                return;
        }
        fd = fd_open_child(directory_fd, name, O_RDONLY | O_DIRECTORY);
        if (fd < 0) {
                remember(removal, fd);
                return;
        }
        remove_entries(removal, fd, depth - 1);
        if (unlinkat(directory_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
                remember(removal, -errno);
}

/* In rounds, until one has moved nothing to the top. */
static int remove_contents(int directory_fd, const char *keep) {
        Removal removal = { .top_fd = directory_fd, .keep = keep };
        unsigned n_moved;

        do {
                int fd = fd_open_child(directory_fd, ".", O_RDONLY | O_DIRECTORY);

                n_moved = removal.n_moved;
                if (fd < 0)
                        return fd;
                remove_entries(&removal, fd, DEPTH_MAX);
        } while (removal.error == 0 && removal.n_moved > n_moved);
        return removal.error;
}

int fs_remove_contents(int directory_fd) {
        return remove_contents(directory_fd, /* keep= */ NULL);
}

/* Whether the folder may be removed. */
static int check_marker(int folder_fd, const char *marker) {
        int fd = fd_open_child(folder_fd, ".", O_RDONLY | O_DIRECTORY);
        _cleanup_closedir_ DIR *d = NULL;

        if (fd < 0)
                return fd;
        d = fs_opendir(fd);
        if (!d)
                return -errno;
        if (faccessat(dirfd(d), marker, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                return 0;
        return fs_readdir(d) ? -ENOTEMPTY : -errno;
}

/* `marker` may be NULL. It goes last: else what is left of a removal that was interrupted would be nobody's. */
static int remove_tree(int directory_fd, const char *name, const char *marker) {
        _cleanup_close_ int top_fd = -EBADF;
        int r;

        assert(!strchr(name, '/'));
        if (unlinkat(directory_fd, name, 0) >= 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        top_fd = fd_open_child(directory_fd, name, O_RDONLY | O_DIRECTORY);
        if (top_fd < 0)
                return top_fd;
        r = marker ? check_marker(top_fd, marker) : 0;
        if (r < 0)
                return r;
        r = remove_contents(top_fd, marker);
        if (r >= 0 && marker && unlinkat(top_fd, marker, 0) < 0 && errno != ENOENT)
                r = -errno;
        if (unlinkat(directory_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT && r >= 0)
                r = -errno;
        return r;
}

int fs_remove_tree(int directory_fd, const char *name) {
        return remove_tree(directory_fd, name, /* marker= */ NULL);
}

int fs_remove_marked_tree(int directory_fd, const char *name, const char *marker) {
        assert(marker);
        return remove_tree(directory_fd, name, marker);
}
