/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "liveos/unit-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"

int unit_file_write(int root_fd, const char *name, const char *text) {
        _cleanup_free_ char *path = str_printf(UNIT_FILES "/%s", name);

        return path ? fs_write_in_root(root_fd, path, text, strlen(text), 0644) : -ENOMEM;
}

int unit_file_want(int root_fd, const char *name, const char *target) {
        _cleanup_free_ char *to = str_printf("../%s", name),
                            *folder = str_printf(UNIT_FILES "/%s.wants", target);
        _cleanup_close_ int fd = -EBADF;
        int r = to && folder ? fs_mkdir_in_root(root_fd, folder, 0755) : -ENOMEM;

        if (r < 0)
                return r;
        fd = fd_open_in_root(root_fd, folder, O_PATH | O_DIRECTORY, 0);
        if (fd < 0)
                return fd;
        return symlinkat(to, fd, name) < 0 && errno != EEXIST ? -errno : 0;
}
