/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The root folder is that of an overlay, which shows its upper folder, and that is made by the initrd in a
 * tmpfs, so that it is labelled as a tmpfs is. */

#include "liveos/labels.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/file-contexts.h"
#include "liveos/overlay-unit.h"
#include "liveos/places.h"

#define LABEL     "security.selinux"
#define UNITS     "usr/lib/systemd/system"
#define UNIT_NAME "pxed-labels.service"
#define WANTS     UNITS "/sysinit.target.wants"

/* Before sysinit.target, after which nearly everything starts, and before overlays of the config. */
#define UNIT_TEXT                                                     \
        "[Unit]\n"                                                    \
        "Description=Label of the root folder\n"                      \
        "DefaultDependencies=no\n"                                    \
        "ConditionSecurity=selinux\n"                                 \
        "Before=sysinit.target " OVERLAY_SERVICE " shutdown.target\n" \
        "Conflicts=shutdown.target\n"                                 \
        "\n"                                                          \
        "[Service]\n"                                                 \
        "Type=oneshot\n"                                              \
        "RemainAfterExit=yes\n"                                       \
        "ExecStart=/%s /\n"

static const char *const restorecon_paths[] = { "usr/sbin/restorecon", "sbin/restorecon" };

static const char *find_restorecon(int root_fd) {
        struct stat st;

        for (size_t i = 0; i < ELEMENTSOF(restorecon_paths); i++)
                if (fs_stat_in_root(root_fd, restorecon_paths[i], &st) >= 0)
                        return restorecon_paths[i];
        return NULL;
}

static bool has_list(int root_fd) {
        _cleanup_free_ char *path = NULL;

        return file_contexts_find(root_fd, &path) >= 0;
}

bool labels_wanted(const Build *build, int root_fd) {
        return selinux_is_on(build->selinux) && has_list(root_fd);
}

int labels_judge(const Build *build, int root_fd, Failure *ret) {
        if (!selinux_is_on(build->selinux))
                return 0;
        if (!has_list(root_fd))
                (void) failure_set(
                                ret,
                                -ENOPKG,
                                "The image has SELinux on, but its policy has no list of labels "
                                "(contexts/files/file_contexts): install the policy's package in it "
                                "anew.");
        else if (!find_restorecon(root_fd))
                (void) failure_set(
                                ret,
                                -ENOPKG,
                                "The image has SELinux on, but no restorecon to label the root "
                                "folder of a Live OS: install the package policycoreutils in it.");
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

static int add_unit(int root_fd, const char *restorecon) {
        _cleanup_free_ char *unit = str_printf(UNIT_TEXT, restorecon);
        int r = unit ? fs_write_in_root(root_fd, UNITS "/" UNIT_NAME, unit, strlen(unit), 0644)
                     : -ENOMEM;

        return r < 0 ? r : want_unit(root_fd);
}

int labels_prepare(const Build *build, int root_fd, Failure *reterr) {
        const char *restorecon;
        int r;

        if (!selinux_is_on(build->selinux))
                return 0;
        r = drop_request(root_fd, reterr);
        restorecon = find_restorecon(root_fd);
        if (r < 0 || !restorecon)
                return r;
        r = add_unit(root_fd, restorecon);
        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "The unit that labels the root folder cannot be written")
                     : 0;
}

static int label_of(
                void *userdata,
                const char *path,
                mode_t mode,
                char **ret_label,
                Failure *reterr) {
        _cleanup_free_ char *absolute = str_printf("/%s", path);

        return absolute ? file_contexts_look_up(userdata, absolute, mode, ret_label, reterr)
                        : -ENOMEM;
}

int labels_write_tree(const Build *build, int root_fd, int to_fd, Failure *reterr) {
        _cleanup_(archive_writer_freep) ArchiveWriter *writer = NULL;
        _cleanup_(file_contexts_freep) FileContexts *contexts = NULL;
        _cleanup_free_ char *path = NULL;
        ArchiveLabeller labeller = { .attribute = LABEL, .label = label_of };
        int r = file_contexts_find(root_fd, &path);

        if (r >= 0)
                r = file_contexts_open(root_fd, path, PLACE_WORK "/labels", &contexts, reterr);
        if (r >= 0)
                r = archive_writer_new(ARCHIVE_TAR, to_fd, &writer);
        if (r < 0)
                return failure_default(reterr, r, "The image's files cannot be labelled");
        archive_writer_set_newest(writer, build->order->source_date_epoch);
        labeller.userdata = contexts;
        r = archive_add_labelled_tree(writer, root_fd, &labeller, reterr);
        return r < 0 ? r : archive_writer_finish(writer, reterr);
}
