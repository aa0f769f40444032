/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the service would refuse is refused here, with the path that only this side knows. */

#include "client/image-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

int image_file_open(const char *path, Failure *reterr) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return failure_set_errno(reterr, -errno, "Cannot open the image '%s'", path);
        if (!S_ISREG(st.st_mode))
                return failure_set(
                                reterr,
                                -ENOTSUP,
                                "The image '%s' is not a regular file; copy it to one first.",
                                path);
        if (st.st_size == 0)
                return failure_set(
                                reterr,
                                -ENOEXEC,
                                "The image '%s' is empty; give an image of a whole disk.",
                                path);
        return TAKE_FD(fd);
}
