/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Putting files on media. All of them lie below PLACE_OUT, so that a link is enough. */

#include "liveos/media.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/places.h"

static const struct {
        const char *folder;
        const char *user_folder;
} places[_MEDIUM_KIND_MAX] = {
        [MEDIUM_ISO] = { MEDIA_ISO, MEDIA_ISO },
        [MEDIUM_PXE] = { PLACE_OUT "/" ARTIFACT_TFTP, PLACE_OUT "/" ARTIFACT_HTTP },
};

const char *media_folder(MediumKind medium) {
        return places[medium].folder;
}

const char *media_user_folder(MediumKind medium) {
        return places[medium].user_folder;
}

int media_make_parent(const char *folder, const char *path, Failure *reterr) {
        _cleanup_close_ int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *parent = NULL;
        int r = fd < 0 ? -errno : 0;

        if (r >= 0 && slash) {
                parent = strndup(path, (size_t) (slash - path));
                r = parent ? fs_mkdir_beneath(fd, parent, 0755) : -ENOMEM;
        }
        return r < 0 ? failure_set_errno(reterr, r, "The folder for '%s' cannot be made", path) : 0;
}

int media_link(const char *from_path, const char *to_folder, const char *path, Failure *reterr) {
        _cleanup_close_ int fd = -EBADF;
        int r = media_make_parent(to_folder, path, reterr);

        if (r < 0)
                return r;
        fd = open(to_folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || linkat(AT_FDCWD, from_path, fd, path, 0) < 0)
                return failure_set_errno(reterr, -errno, "'%s' cannot be put on a medium", path);
        return 0;
}

/* The name in the folder that is `name` but for the case; NULL when there is none. Caller frees. */
static char *find_other_case(int folder_fd, const char *name) {
        _cleanup_closedir_ DIR *d = fs_opendir(
                        openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        struct dirent *entry;

        while (d && (entry = fs_readdir(d)))
                if (strcasecmp(entry->d_name, name) == 0)
                        return strdup(entry->d_name);
        return NULL;
}

/* Makes one folder, or the link in its place. Returns the folder's descriptor. */
static int match_folder(int parent_fd, const char *name) {
        int fd = fd_open_in_root(parent_fd, name, O_RDONLY | O_DIRECTORY, 0);
        _cleanup_free_ char *other = NULL;

        if (fd != -ENOENT)
                return fd;
        other = find_other_case(parent_fd, name);
        if (!other)
                return mkdirat(parent_fd, name, 0755) < 0 ? -errno
                                                          : fd_open_in_root(parent_fd,
                                                                            name,
                                                                            O_RDONLY | O_DIRECTORY,
                                                                            0);
        if (symlinkat(other, parent_fd, name) < 0)
                return -errno;
        return fd_open_in_root(parent_fd, other, O_RDONLY | O_DIRECTORY, 0);
}

int media_match_case(const char *folder, const char *path, Failure *reterr) {
        _cleanup_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_strv_ char **parts = strv_split(path, "/");
        int r = fd < 0 ? -errno : 0;

        if (!parts)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && parts[i] && parts[i + 1]; i++) {
                int next_fd = match_folder(fd, parts[i]);

                if (next_fd < 0)
                        r = next_fd;
                else {
                        (void) close(fd);
                        fd = next_fd;
                }
        }
        return r < 0 ? failure_set_errno(reterr, r, "The folder for '%s' cannot be made", path) : 0;
}

int media_write(const char *folder, const char *path, const char *text, Failure *reterr) {
        _cleanup_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = fd < 0 ? -errno : fs_write_in_root(fd, path, text, strlen(text), 0644);

        return r < 0 ? failure_set_errno(reterr, r, "'%s' cannot be written", path) : 0;
}

static int link_initrd(const Build *build, MediumKind medium, size_t i, Failure *reterr) {
        const bool full_os = build->initramfs == INITRAMFS_FULL_OS;
        const MediumNames names = medium_names_for_kernel(
                        &build->kernels,
                        i,
                        build->initramfs,
                        build->arch);
        _cleanup_free_ char *path = NULL, *from = NULL;
        int r = medium_path(medium, MEDIUM_INITRD, &names, &path);

        if (r < 0)
                return r;
        from = str_printf(
                        MEDIA_INITRD "/%s",
                        full_os ? INITRD_FULL_OS : build->kernels.items[i].version);
        return from ? media_link(from, media_folder(medium), path, reterr) : -ENOMEM;
}

int media_link_initrds(const Build *build, MediumKind medium, Failure *reterr) {
        size_t n = build->initramfs == INITRAMFS_FULL_OS ? 1 : build->kernels.n_items;
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = link_initrd(build, medium, i, reterr);
        return r;
}
