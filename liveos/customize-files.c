/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files, from the context or from the config's own text. */

#include "liveos/customize-files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/fs.h"
#include "liveos/context.h"
#include "liveos/customize-steps.h"

#define FILE_MODE_DEFAULT 0644

static int put_source(int root_fd, const ConfigFile *file, Failure *reterr) {
        _cleanup_close_ int from_fd = context_open(file->entry, reterr), to_fd = -EBADF;
        struct stat st;

        if (from_fd < 0)
                return from_fd;
        if (fstat(from_fd, &st) < 0)
                return -errno;
        to_fd = fs_create_in_root(
                        root_fd,
                        file->destination,
                        file->has_permissions ? file->permissions : st.st_mode & 0777);
        return to_fd < 0 ? to_fd : fd_copy_file(from_fd, to_fd);
}

int customize_put_file(int root_fd, const ConfigFile *file, Failure *reterr) {
        int r;

        if (file->content)
                r = fs_write_in_root(
                                root_fd,
                                file->destination,
                                file->content,
                                strlen(file->content),
                                file->has_permissions ? file->permissions : FILE_MODE_DEFAULT);
        else
                r = put_source(root_fd, file, reterr);
        return r < 0 ? failure_default(reterr,
                                       r,
                                       "additionalFiles: '%s' cannot be written",
                                       file->destination)
                     : 0;
}

int customize_files(const Build *build, int root_fd, Failure *reterr) {
        int r = 0;

        for (size_t i = 0; i < build->config.n_files && r >= 0; i++)
                r = customize_put_file(root_fd, &build->config.files[i], reterr);
        return r;
}
