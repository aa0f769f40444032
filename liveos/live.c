/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The live view. Removing is cheap: a whiteout in the view, nothing in the image. */

#include "liveos/live.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "container/mount.h"
#include "liveos/kdump.h"
#include "liveos/labels.h"
#include "liveos/places.h"

/* The kernel starts this program of an initramfs. */
#define INIT_PATH   "init"
#define INIT_TARGET "lib/systemd/systemd"

/* All that a medium has a copy of, and an installed system alone has a use for. */
static int empty_folder(const Build *build, int take_fd) {
        bool keeps_kdump = build->kdump == KDUMP_KEEP;
        _cleanup_closedir_ DIR *d = fs_opendir(take_fd);
        struct dirent *entry;
        int r = d ? 0 : -errno;

        while (r >= 0 && (entry = fs_readdir(d)))
                if (!keeps_kdump || !kdump_needs(&build->kernels, dirfd(d), entry->d_name))
                        r = fs_remove_tree(dirfd(d), entry->d_name);
        return r;
}

static int empty_boot(const Build *build, int root_fd, Failure *reterr) {
        int fd = fd_open_beneath(root_fd, "boot", O_RDONLY | O_DIRECTORY, 0);
        int r = fd < 0 ? fd : empty_folder(build, fd);

        if (r < 0 && r != -ENOENT && r != -ELOOP && r != -ENOTDIR)
                return failure_set_errno(reterr, r, "The image's /boot cannot be emptied");
        return 0;
}

static int drop_fstab(int root_fd, Failure *reterr) {
        _cleanup_close_ int etc_fd = fd_open_in_root(root_fd, "etc", O_RDONLY | O_DIRECTORY, 0);

        if (etc_fd < 0)
                return failure_set_errno(reterr, etc_fd, "The image's /etc cannot be opened");
        if (unlinkat(etc_fd, "fstab", 0) < 0 && errno != ENOENT)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "The image's /etc/fstab cannot be removed");
        return 0;
}

/* An initramfs is started by its /init. */
static int add_init(int root_fd, Failure *reterr) {
        struct stat st;

        if (fs_stat_in_root(root_fd, INIT_TARGET, &st) < 0)
                return failure_set(
                                reterr,
                                -ENOPKG,
                                "The image has no /" INIT_TARGET
                                ": a full-os initramfs starts systemd; install it in the image (Debian: package systemd-sysv).");
        if (symlinkat(INIT_TARGET, root_fd, INIT_PATH) < 0 && errno != EEXIST)
                return failure_set_errno(reterr, -errno, "/init cannot be made");
        return 0;
}

static int make_media_folders(const Build *build, Failure *reterr) {
        static const struct {
                const char *path;
                unsigned media; /* made when one of these is */
        } folders[] = {
                { PLACE_MEDIA, ~0U },
                { MEDIA_INITRD, ~0U },
                { MEDIA_ISO, 1U << MEDIUM_ISO },
                { PLACE_OUT "/" ARTIFACT_PXE, 1U << MEDIUM_PXE },
                { PLACE_OUT "/" ARTIFACT_TFTP, 1U << MEDIUM_PXE },
                { PLACE_OUT "/" ARTIFACT_HTTP, 1U << MEDIUM_PXE },
        };

        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                if ((folders[i].media & build_media(build)) && mkdir(folders[i].path, 0755) < 0)
                        return failure_set_errno(
                                        reterr,
                                        -errno,
                                        "The folder '%s' cannot be made",
                                        folders[i].path);
        return 0;
}

int stage_live(Build *build, Failure *reterr) {
        _cleanup_close_ int root_fd = -EBADF;
        int r = view_mount(&build->mounts, VIEW_LIVE, VIEW_TREE, reterr);

        if (r >= 0 && build->initramfs == INITRAMFS_BOOTSTRAP)
                r = view_mount(&build->mounts, VIEW_INITRD, VIEW_TREE, reterr);
        if (r >= 0)
                r = make_media_folders(build, reterr);
        if (r < 0)
                return r;
        root_fd = open(PLACE_LIVE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The live tree cannot be opened");
        kdump_tell(build, root_fd);
        r = empty_boot(build, root_fd, reterr);
        if (r >= 0)
                r = drop_fstab(root_fd, reterr);
        if (r >= 0 && build->initramfs == INITRAMFS_FULL_OS)
                r = add_init(root_fd, reterr);
        if (r >= 0)
                r = labels_prepare(build, root_fd, reterr);
        return r;
}
