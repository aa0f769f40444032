/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is new lies in the upper folders of the view that was customized. Beside it the root folder itself
 * has no label of its own: it is that of an overlay, which shows its upper folder, and that is made by
 * the initrd in a tmpfs, so that it is labelled as a tmpfs is. */

#include "liveos/labels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "common/walk.h"
#include "liveos/overlay-unit.h"
#include "liveos/places.h"

#define LABEL     "security.selinux"
#define LIST_PATH "usr/lib/pxed/unlabelled"
#define UNITS     "usr/lib/systemd/system"
#define UNIT_NAME "pxed-labels.service"
#define WANTS     UNITS "/sysinit.target.wants"

/* Of a list that an earlier build has left: that of an image of which every file is new. */
#define LIST_MAX_BYTES (64U * 1024 * 1024)

/* Before sysinit.target, after which nearly everything starts, and before overlays of the config, so that
 * these find labels below and none is given through them. */
#define UNIT_TEXT                                                     \
        "[Unit]\n"                                                    \
        "Description=Labels of files that the build has made\n"       \
        "DefaultDependencies=no\n"                                    \
        "ConditionSecurity=selinux\n"                                 \
        "Before=sysinit.target " OVERLAY_SERVICE " shutdown.target\n" \
        "Conflicts=shutdown.target\n"                                 \
        "\n"                                                          \
        "[Service]\n"                                                 \
        "Type=oneshot\n"                                              \
        "RemainAfterExit=yes\n"                                       \
        "ExecStart=/%s -i -0 -f /" LIST_PATH "\n"

static const char *const restorecon_paths[] = { "usr/sbin/restorecon", "sbin/restorecon" };

/* The list's paths end in NUL, which no name can hold. */
typedef struct Lister {
        const char *mount; /* where the upper folder's file system is in the image; "/" */
        Buffer list;
} Lister;

static void lister_done(Lister *lister) {
        buffer_done(&lister->list);
}

static int add_path(Buffer *list, const char *folder, const char *path) {
        int r = buffer_printf(list, "%s/%s", str_equal(folder, "/") ? "" : folder, path);

        return r < 0 ? r : buffer_append(list, "", 1);
}

/* What the union hides is a device 0:0. */
static bool is_whiteout(const struct stat *st) {
        return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

static int list_entry(void *userdata, const WalkEntry *entry, Failure *reterr) {
        _cleanup_free_ char *path = str_printf(
                        "/proc/self/fd/%d/%s",
                        entry->folder_fd,
                        entry->name);
        Lister *lister = userdata;
        int r;

        if (!path)
                return -ENOMEM;
        if (is_whiteout(&entry->st) || lgetxattr(path, LABEL, NULL, 0) >= 0)
                return 0;
        r = add_path(&lister->list, lister->mount, entry->path);
        return r < 0 ? failure_set_errno(reterr, r, "'%s' cannot be listed", entry->path) : 0;
}

static int list_unlabelled(const Build *build, Lister *lister, Failure *reterr) {
        int r = 0;

        for (size_t i = 0; i < build->mounts.n_items && r >= 0; i++) {
                char upper[64];
                _cleanup_close_ int fd = -EBADF;

                (void) snprintf(upper, sizeof(upper), PLACE_TREE ".upper/%zu", i);
                fd = open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (fd < 0)
                        return failure_set_errno(reterr, -errno, "'%s' cannot be opened", upper);
                lister->mount = build->mounts.items[i].path;
                r = walk_tree(fd, list_entry, lister, reterr);
        }
        return r;
}

/* An ISO as the image has files that an earlier build has made. */
static int add_earlier(int root_fd, Buffer *list, Failure *reterr) {
        _cleanup_free_ char *earlier = NULL;
        size_t size = 0;
        int r = fs_read_in_root(root_fd, LIST_PATH, LIST_MAX_BYTES, &earlier, &size);

        if (r == -ENOENT)
                return 0;
        if (r >= 0)
                r = buffer_append(list, earlier, size);
        if (r >= 0 && size > 0 && earlier[size - 1] != '\0')
                r = buffer_append(list, "", 1);
        return r < 0 ? failure_set_errno(reterr, r, "The image's /" LIST_PATH " cannot be read")
                     : 0;
}

static int compare_paths(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Sorts the list and leaves each path in it once, or else it would grow from build to build. */
static int tidy(Buffer *list) {
        _cleanup_buffer_ Buffer to = {};
        _cleanup_free_ const char **paths = NULL;
        size_t n = 0;
        int r = 0;

        for (size_t at = 0; at < list->size; at += strlen(list->data + at) + 1)
                n++;
        paths = calloc(n + 1, sizeof(*paths));
        if (!paths)
                return -ENOMEM;
        n = 0;
        for (size_t at = 0; at < list->size; at += strlen(list->data + at) + 1)
                paths[n++] = list->data + at;
        qsort(paths, n, sizeof(*paths), compare_paths);
        for (size_t i = 0; i < n && r >= 0; i++)
                if (i == 0 || !str_equal(paths[i], paths[i - 1]))
                        r = buffer_append(&to, paths[i], strlen(paths[i]) + 1);
        if (r < 0)
                return r;
        buffer_done(list);
        *list = to;
        to = (Buffer){};
        return 0;
}

static const char *find_restorecon(int root_fd) {
        struct stat st;

        for (size_t i = 0; i < ELEMENTSOF(restorecon_paths); i++)
                if (fs_stat_in_root(root_fd, restorecon_paths[i], &st) >= 0)
                        return restorecon_paths[i];
        return NULL;
}

/* One folder speaks for all, as who labels a system labels it whole. */
static bool has_labels(int root_fd) {
        _cleanup_close_ int fd = fd_open_in_root(root_fd, "etc", O_RDONLY | O_DIRECTORY, 0);

        return fd < 0 || fgetxattr(fd, LABEL, NULL, 0) >= 0;
}

int labels_judge(const Build *build, int root_fd, Failure *ret) {
        if (!selinux_is_on(build->selinux))
                return 0;
        /* To label a file of a Live OS is to copy it into memory: no way for all of them. */
        if (!has_labels(root_fd))
                (void) failure_set(
                                ret,
                                -ENOTSUP,
                                "The image has SELinux on, but its files have no labels, and a Live "
                                "OS does not keep those that it is given: start the image once with "
                                "SELinux, so that it labels them, and shut it down.");
        else if (!find_restorecon(root_fd))
                (void) failure_set(
                                ret,
                                -ENOPKG,
                                "The image has SELinux on, but no restorecon to label the files that "
                                "the build has made: install the package policycoreutils in it.");
        else
                return 0;
        /* What the config asks for is refused, what only the image has is told. */
        return build->config.selinux.mode != SELINUX_UNSET ? ret->error : 1;
}

/* By this file systems are told to label all files and to start again: a Live OS for ever. */
static int drop_request(int root_fd, Failure *reterr) {
        if (unlinkat(root_fd, ".autorelabel", 0) < 0 && errno != ENOENT)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "The image's /.autorelabel cannot be removed");
        return 0;
}

static int want_unit(int root_fd) {
        _cleanup_close_ int fd = -EBADF;
        int r = fs_mkdir_in_root(root_fd, WANTS, 0755);

        if (r >= 0)
                r = fd = fd_open_in_root(root_fd, WANTS, O_PATH | O_DIRECTORY, 0);
        if (r < 0)
                return r;
        return symlinkat("../" UNIT_NAME, fd, UNIT_NAME) < 0 && errno != EEXIST ? -errno : 0;
}

static int write_files(int root_fd, const char *restorecon, Buffer *list) {
        /* The root folder, and what this makes itself. */
        static const char *const own[] = {
                "", "usr/lib/pxed", LIST_PATH, UNITS "/" UNIT_NAME, WANTS, WANTS "/" UNIT_NAME,
        };
        _cleanup_free_ char *unit = str_printf(UNIT_TEXT, restorecon);
        int r = unit ? 0 : -ENOMEM;

        for (size_t i = 0; i < ELEMENTSOF(own) && r >= 0; i++)
                r = add_path(list, "/", own[i]);
        if (r >= 0)
                r = tidy(list);
        if (r >= 0)
                r = fs_write_in_root(root_fd, LIST_PATH, list->data, list->size, 0644);
        if (r >= 0)
                r = fs_write_in_root(root_fd, UNITS "/" UNIT_NAME, unit, strlen(unit), 0644);
        return r < 0 ? r : want_unit(root_fd);
}

int labels_restore_at_boot(const Build *build, int root_fd, Failure *reterr) {
        _cleanup_(lister_done) Lister lister = {};
        const char *restorecon;
        int r;

        if (!selinux_is_on(build->selinux))
                return 0;
        r = drop_request(root_fd, reterr);
        restorecon = find_restorecon(root_fd);
        if (r < 0 || !restorecon)
                return r;
        r = list_unlabelled(build, &lister, reterr);
        if (r >= 0)
                r = add_earlier(root_fd, &lister.list, reterr);
        if (r < 0)
                return r;
        r = write_files(root_fd, restorecon, &lister.list);
        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "The list of files without a label cannot be written")
                     : 0;
}
