/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Folders of the context merged into the image's. What the context holds is files and folders only, as
 * it was unpacked from nothing else; the image's own links are followed as its inhabitants would.
 */

#include "liveos/customize-steps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "common/walk.h"
#include "liveos/context.h"

#define DIR_MODE_DEFAULT  0755
#define FILE_MODE_DEFAULT 0755 /* as the schema has it: folders of programs are what it is for */

typedef struct Merge {
        const ConfigDir *dir;
        int root_fd;
} Merge;

/* Makes the folder, or gives one that is there the mode that the config wants for such. */
static int put_folder(const Merge *merge, const char *path) {
        _cleanup_close_ int fd = fd_open_in_root(merge->root_fd, path, O_RDONLY | O_DIRECTORY, 0);

        if (fd == -ENOENT)
                return fs_mkdir_in_root(
                                merge->root_fd,
                                path,
                                merge->dir->has_new_mode ? merge->dir->new_mode : DIR_MODE_DEFAULT);
        if (fd < 0)
                return fd;
        if (merge->dir->has_merged_mode && fchmod(fd, merge->dir->merged_mode) < 0)
                return -errno;
        return 0;
}

static int put_file(const Merge *merge, const WalkEntry *entry, const char *path) {
        mode_t mode = merge->dir->has_file_mode ? merge->dir->file_mode : FILE_MODE_DEFAULT;
        _cleanup_close_ int from_fd = openat(
                        entry->folder_fd,
                        entry->name,
                        O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_close_ int to_fd = -EBADF;

        if (from_fd < 0)
                return -errno;
        to_fd = fs_create_in_root(merge->root_fd, path, mode);
        return to_fd < 0 ? to_fd : fd_copy_file(from_fd, to_fd);
}

static int put_entry(void *userdata, const WalkEntry *entry, Failure *reterr) {
        const Merge *merge = userdata;
        const char *top = merge->dir->destination;
        _cleanup_free_ char *path = str_printf(
                        "%s/%s",
                        str_equal(top, "/") ? "" : top,
                        entry->path);
        int r = -ENOMEM;

        if (path)
                r = S_ISDIR(entry->st.st_mode) ? put_folder(merge, path)
                                               : put_file(merge, entry, path);
        return r < 0 ? failure_set_errno(reterr, r, "'%s' cannot be written", path ? path : top)
                     : 0;
}

static int merge_dir(int root_fd, const ConfigDir *dir, Failure *reterr) {
        Merge merge = { .dir = dir, .root_fd = root_fd };
        _cleanup_close_ int fd = context_open(dir->entry, reterr);
        int r;

        if (fd < 0)
                return fd;
        r = put_folder(&merge, dir->destination);
        if (r < 0)
                return failure_set_errno(reterr, r, "'%s' cannot be made", dir->destination);
        return walk_tree(fd, put_entry, &merge, reterr);
}

int customize_dirs(const Build *build, int root_fd, Failure *reterr) {
        for (size_t i = 0; i < build->config.n_dirs; i++) {
                const ConfigDir *dir = &build->config.dirs[i];
                int r = merge_dir(root_fd, dir, reterr);

                if (r < 0)
                        return customize_blame(
                                        build,
                                        "os.additionalDirs",
                                        &dir->place,
                                        /* name= */ NULL,
                                        r,
                                        reterr);
        }
        return 0;
}
