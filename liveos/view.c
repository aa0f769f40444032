/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Views over the image's file systems, by overlayfs. Nothing of the image is ever copied. */

#include "liveos/view.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/strings.h"
#include "container/mount.h"
#include "liveos/places.h"

static int make_folder(const char *path, Failure *reterr) {
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
                return failure_set_errno(reterr, -errno, "The folder '%s' cannot be made", path);
        return 0;
}

/* A union's root has the owner and mode of its upper folder, so that one has to be like the image's. */
static int make_upper(const char *upper, const char *lower, Failure *reterr) {
        struct stat st;
        int r = make_folder(upper, reterr);

        if (r < 0)
                return r;
        if (stat(lower, &st) < 0 || chown(upper, st.st_uid, st.st_gid) < 0 ||
            chmod(upper, st.st_mode & 07777) < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "The folder '%s' cannot be prepared",
                                upper);
        return 0;
}

/* The folder in the view where a mount belongs. Only the image's own folders count, no links: a
 * link could lead to somewhere else in the container. */
static int check_place(const char *view, const char *path, Failure *reterr) {
        _cleanup_close_ int root_fd = open(view, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -EBADF;

        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The view '%s' cannot be opened", view);
        fd = fd_open_beneath(root_fd, path + 1, O_PATH | O_DIRECTORY, 0);
        if (fd < 0)
                return failure_set_errno(
                                reterr,
                                fd,
                                "The image's /etc/fstab mounts something on '%s', which is no folder of the image",
                                path);
        return 0;
}

static int mount_layer(
                const ImageMount *mount,
                size_t index,
                const char *name,
                const char *below,
                Failure *reterr) {
        char upper[64], work[64], below_upper[64], target[256];
        const char *lowers[3] = {};
        size_t n = 0;
        int r;

        (void) snprintf(upper, sizeof(upper), PLACE_WORK "/%s.upper/%zu", name, index);
        (void) snprintf(work, sizeof(work), PLACE_WORK "/%s.work/%zu", name, index);
        (void) snprintf(target, sizeof(target), PLACE_WORK "/%s%s", name, mount->path);
        if (below) {
                (void) snprintf(below_upper,
                                sizeof(below_upper),
                                PLACE_WORK "/%s.upper/%zu",
                                below,
                                index);
                lowers[n++] = below_upper;
        }
        lowers[n] = mount->folder;
        r = make_upper(upper, mount->folder, reterr);
        if (r >= 0)
                r = make_folder(work, reterr);
        return r < 0 ? r : overlay_mount(lowers, upper, work, target, reterr);
}

int view_mount(const ImageMounts *mounts, const char *name, const char *below, Failure *reterr) {
        static const char *const folders[] = { "", ".upper", ".work" };
        char path[64];
        int r;

        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                (void) snprintf(path, sizeof(path), PLACE_WORK "/%s%s", name, folders[i]);
                r = make_folder(path, reterr);
                if (r < 0)
                        return r;
        }
        (void) snprintf(path, sizeof(path), PLACE_WORK "/%s", name);
        for (size_t i = 0; i < mounts->n_items; i++) {
                if (i > 0) {
                        r = check_place(path, mounts->items[i].path, reterr);
                        if (r < 0)
                                return r;
                }
                r = mount_layer(&mounts->items[i], i, name, below, reterr);
                if (r < 0) {
                        failure_prefix(reterr, "The image cannot be seen as '%s': ", name);
                        return r;
                }
        }
        return 0;
}
