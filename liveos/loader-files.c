/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The files of loaders and kernels, taken out of the image: some lie on its ESP, others in its root. */

#include "liveos/loader-files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/fd.h"
#include "common/strings.h"
#include "liveos/esp.h"
#include "liveos/places.h"

int loader_copy_fd(int from_fd, const char *to_path) {
        _cleanup_close_ int to_fd = open(
                        to_path,
                        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                        0644);

        return to_fd < 0 ? -errno : fd_copy_file(from_fd, to_fd);
}

int loader_copy_from_root(const char *path, const char *to_path, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_close_ int from_fd = -EBADF;
        int r;

        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The image's tree cannot be opened");
        from_fd = fd_open_in_root(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        if (from_fd < 0)
                return failure_set_errno(reterr, from_fd, "The image's /%s cannot be read", path);
        r = loader_copy_fd(from_fd, to_path);
        return r < 0 ? failure_set_errno(reterr, r, "The image's /%s cannot be copied", path) : 0;
}

int loader_copy(const Build *build,
                const LoaderFile *loader,
                const char *to_path,
                Failure *reterr) {
        if (loader->place == LOADER_IN_ESP)
                return esp_copy(build, loader->path, to_path, reterr);
        return loader_copy_from_root(loader->path, to_path, reterr);
}

int loader_find_prefix(
                const Build *build,
                MediumKind medium,
                const char *grub_path,
                char ret_prefix[static LOADER_PREFIX_MAX],
                Failure *reterr) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ char *data = NULL;
        size_t size;
        int r;

        if (build->loaders.prefix[medium]) {
                (void) snprintf(ret_prefix, LOADER_PREFIX_MAX, "%s", build->loaders.prefix[medium]);
                return 0;
        }
        fd = open(grub_path, O_RDONLY | O_CLOEXEC);
        r = fd < 0 ? -errno : fd_pread_all(fd, LOADER_MAX_BYTES, &data, &size);
        if (r < 0)
                return failure_set_errno(reterr, r, "The image's GRUB cannot be read");
        r = loader_read_prefix(data, size, ret_prefix);
        if (r < 0)
                return failure_set(
                                reterr,
                                -ENOPKG,
                                "The image's GRUB (%s) does not tell where it looks for its menu: use the GRUB of a distribution, or one made by grub-mkimage with a prefix.",
                                build->loaders.grub[medium].path);
        return 0;
}
