/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The image as a tree. The mounter has attached every file system that it may, knowing nothing of
 * what they are; which is the root is read here, where hostile bytes do no harm.
 */

#include "liveos/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "config/plan-facts.h"
#include "config/report.h"
#include "liveos/customize.h"
#include "liveos/esp-tree.h"
#include "liveos/fstab.h"
#include "liveos/iso-tree.h"
#include "liveos/places.h"
#include "liveos/readers.h"

/* Where a root may be in a file system: at its top, or in a subvolume of btrfs by the names that
 * installers give it. */
static const char *const root_folders[] = { "", "/@", "/root", "/@rootfs" };

/* The subvolume that holds all others, by its number. */
#define BTRFS_TOP "5"

/* What every root has, and nothing else. */
#define OS_RELEASE "os-release"
static const char *const root_marks[] = { "etc/" OS_RELEASE, "usr/lib/" OS_RELEASE };

/* A link in the image's place for a subvolume would lead out into the container. */
static bool is_root(const char *folder) {
        _cleanup_close_ int fd = open(folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_close_ int etc_fd = -EBADF;
        struct stat st;

        if (fd >= 0)
                etc_fd = fd_open_in_root(fd, "etc", O_PATH | O_DIRECTORY, 0);
        if (etc_fd < 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(root_marks); i++)
                if (fs_stat_in_root(fd, root_marks[i], &st) >= 0 && S_ISREG(st.st_mode))
                        return true;
        /* A link leads nowhere as long as /usr is not mounted. */
        return fstatat(etc_fd, OS_RELEASE, &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISLNK(st.st_mode);
}

static bool find_root_folder(const Partition *partition, char ret_folder[static 160]) {
        size_t n = str_equal(partition->fstype, "btrfs") ? ELEMENTSOF(root_folders) : 1;

        for (size_t i = 0; i < n; i++) {
                (void) snprintf(ret_folder,
                                160,
                                PLACE_PART "/%u%s",
                                partition->number,
                                root_folders[i]);
                if (is_root(ret_folder))
                        return true;
        }
        return false;
}

static int no_root(const PartitionTable *table, Failure *reterr) {
        _cleanup_buffer_ Buffer found = {};

        for (size_t i = 0; i < table->n_items; i++) {
                const char *layer = partition_describe_layer(&table->items[i]);

                if (layer)
                        return failure_set(
                                        reterr,
                                        -ENOEXEC,
                                        "The image has no root partition that can be read: its partition %u is %s, which pxed does not open; give an image whose root is a plain partition with ext4, xfs or btrfs.",
                                        table->items[i].number,
                                        layer);
                (void) buffer_printf(
                                &found,
                                "%s%u (%s)",
                                i > 0 ? ", " : "",
                                table->items[i].number,
                                table->items[i].fstype[0] ? table->items[i].fstype
                                                          : "nothing known");
        }
        return failure_set(
                        reterr,
                        -ENOEXEC,
                        "The image has no root partition: none of its partitions %s has an /etc/os-release on ext4, xfs or btrfs; give an image with an installed OS.",
                        found.data ? found.data : "(none)");
}

static int find_root(Build *build, Failure *reterr) {
        const PartitionTable *table = &build->partitions;
        const Partition *root = NULL;
        ImageMount *mount = &build->mounts.items[0];

        for (size_t i = 0; i < table->n_items; i++) {
                char folder[sizeof(mount->folder)];

                if (!partition_is_mountable(&table->items[i]) ||
                    !find_root_folder(&table->items[i], folder))
                        continue;
                if (root)
                        return failure_set(
                                        reterr,
                                        -ENOEXEC,
                                        "The image has two root partitions, %u and %u: a Live OS is made of one system; remove the other from the image.",
                                        root->number,
                                        table->items[i].number);
                root = &table->items[i];
                memcpy(mount->folder, folder, sizeof(folder));
        }
        if (!root)
                return no_root(table, reterr);
        (void) snprintf(mount->path, sizeof(mount->path), "/");
        build->mounts.n_items = 1;
        return 0;
}

/* The folder of a mount: the top of its file system, or the subvolume that fstab names, which must
 * be a plain folder of it. */
static int place_mount(
                const FstabEntry *entry,
                const Partition *partition,
                ImageMount *mount,
                Failure *reterr) {
        _cleanup_close_ int top_fd = -EBADF, fd = -EBADF;
        _cleanup_free_ char *subvolume = NULL;
        char top[32];
        const char *below;

        (void) snprintf(top, sizeof(top), PLACE_PART "/%u", partition->number);
        if (fstab_entry_option(entry, "subvol", &subvolume) < 0)
                return -ENOMEM;
        below = subvolume ? subvolume + strspn(subvolume, "/") : "";
        /* Cut short it would be a path that nobody has looked at, perhaps a link. */
        if (strlen(top) + 1 + strlen(below) >= sizeof(mount->folder))
                return failure_set(
                                reterr,
                                -ENAMETOOLONG,
                                "The image's /etc/fstab mounts a subvolume on '%s' whose path is longer than pxed takes.",
                                entry->path);
        (void) stpcpy(stpcpy(stpcpy(mount->folder, top), "/"), below);
        top_fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
        fd = top_fd < 0 ? -errno
                        : fd_open_beneath(top_fd,
                                          below[0] ? below : ".",
                                          O_PATH | O_DIRECTORY,
                                          /* mode= */ 0);
        if (fd < 0)
                return failure_set_errno(
                                reterr,
                                fd,
                                "The image's /etc/fstab mounts the subvolume '%s' on '%s', which cannot be opened",
                                below,
                                entry->path);
        return 0;
}

/* Where parts of an OS are that it cannot be without. */
static const char *const os_folders[] = { "/usr", "/var", "/boot", "/etc", "/opt" };

/* What is not there of the image: a disk of another machine, a network's, the memory's. It is left out,
 * but not what the OS consists of: without, the Live OS would be another. */
static int judge_missing(const Build *build, const FstabEntry *entry, Failure *reterr) {
        bool is_device = str_after_prefix(entry->spec, "/dev/") || strstr(entry->spec, "UUID=") ||
                         strstr(entry->spec, "LABEL=");

        /* A Live OS may still have the fstab of the system that it was made of. */
        if (!is_device || str_equal(entry->path, "none") || build->iso)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(os_folders); i++)
                if (str_equal(entry->path, os_folders[i]))
                        return failure_set(
                                        reterr,
                                        -ENOEXEC,
                                        "The image's /etc/fstab mounts '%s' on '%s', and that is no partition of the image that pxed can read: LVM and encrypted volumes are not opened; give an image with all of its OS on plain partitions.",
                                        entry->spec,
                                        entry->path);
        report_log(build->report_fd,
                   LOG_WARNING,
                   "'%s', which /etc/fstab mounts on '%s', is no partition of the image that can be read; left out",
                   entry->spec,
                   entry->path);
        return 0;
}

/* A subvolume that is known by its number alone is not found in a tree of names. */
static int check_subvolume(const FstabEntry *entry, Failure *reterr) {
        _cleanup_free_ char *name = NULL, *number = NULL;

        if (fstab_entry_option(entry, "subvol", &name) < 0 ||
            fstab_entry_option(entry, "subvolid", &number) < 0)
                return -ENOMEM;
        if (name || !number || str_equal(number, BTRFS_TOP))
                return 0;
        return failure_set(
                        reterr,
                        -EOPNOTSUPP,
                        "The image's /etc/fstab mounts on '%s' a subvolume by its number (subvolid=%s); name it there (subvol=).",
                        entry->path,
                        number);
}

/* Not among the mounts, as mtools reads it; where its files belong only a customization wants to know. */
static int note_esp(Build *build, const FstabEntry *entry) {
        if (build->esp_path[0] == '\0' && strlen(entry->path) < sizeof(build->esp_path))
                (void) snprintf(build->esp_path, sizeof(build->esp_path), "%s", entry->path);
        return 0;
}

/* Adds what the image mounts into its root from partitions of its own. */
static int add_mount(Build *build, const FstabEntry *entry, Failure *reterr) {
        const Partition *partition = partitions_find_spec(&build->partitions, entry->spec);
        ImageMounts *mounts = &build->mounts;
        ImageMount *mount;
        int r;

        if (str_equal(entry->path, "/") || entry->path[0] != '/')
                return 0;
        if (partition && partition == partitions_find_esp(&build->partitions))
                return note_esp(build, entry);
        if (!partition || !partition_is_mountable(partition))
                return judge_missing(build, entry, reterr);
        r = check_subvolume(entry, reterr);
        if (r < 0)
                return r;
        if (mounts->n_items == IMAGE_MOUNTS_MAX || strlen(entry->path) >= sizeof(mount->path))
                return failure_set(
                                reterr,
                                -E2BIG,
                                "The image's /etc/fstab mounts more, or at a longer path, than pxed takes: '%s'.",
                                entry->path);
        mount = &mounts->items[mounts->n_items++];
        (void) snprintf(mount->path, sizeof(mount->path), "%s", entry->path);
        return place_mount(entry, partition, mount, reterr);
}

static int add_mounts(Build *build, Failure *reterr) {
        _cleanup_close_ int root_fd = open(
                        build->mounts.items[0].folder,
                        O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_fstab_ Fstab fstab = {};
        int r = root_fd < 0 ? -errno : fstab_read(root_fd, &fstab, reterr);

        if (r < 0)
                return failure_default(reterr, r, "The image's /etc/fstab cannot be read");
        for (size_t i = 0; i < fstab.n_items && r >= 0; i++)
                r = add_mount(build, &fstab.items[i], reterr);
        return r;
}

/* A full-os has its root in the initramfs. */
static int take_root(Build *build, Failure *reterr) {
        ImageMount *mount = &build->mounts.items[0];
        const char *folder;
        int r;

        if (!build->iso || build->partitions.n_items > 0)
                return find_root(build, reterr);
        r = iso_tree_unpack_root(build, &folder, reterr);
        if (r < 0)
                return r;
        if (!is_root(folder))
                return failure_set(
                                reterr,
                                -ENOEXEC,
                                "The ISO's initramfs holds no OS (it has no /etc/os-release): give an ISO that pxed or Image Customizer has made, or a disk image.");
        (void) snprintf(mount->folder, sizeof(mount->folder), "%s", folder);
        (void) snprintf(mount->path, sizeof(mount->path), "/");
        build->mounts.n_items = 1;
        return 0;
}

static int mount_tree(Build *build, Failure *reterr) {
        int r = view_mount(&build->mounts, VIEW_TREE, /* below= */ NULL, reterr);

        if (r >= 0 && build->iso)
                r = iso_tree_restore(build, reterr);
        if (r >= 0 && build->order->verb == ORDER_BUILD && customize_wanted(build))
                r = esp_tree_mount(build, reterr);
        return r;
}

int image_find(Build *build, Failure *reterr) {
        int r = readers_start(build, reterr);

        if (r >= 0)
                r = take_root(build, reterr);
        if (r >= 0)
                r = add_mounts(build, reterr);
        for (size_t i = 0; r >= 0 && i < build->mounts.n_items; i++)
                report_log(build->report_fd,
                           6,
                           "%s is %s",
                           build->mounts.items[i].path,
                           build->mounts.items[i].folder);
        return r;
}

int image_report_os(Build *build, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_os_release_ OsRelease os = {};
        int r = root_fd < 0 ? -errno : os_release_read(root_fd, &os, reterr);

        if (r < 0)
                return failure_default(reterr, r, "The image's os-release cannot be read");
        report_fact(build->report_fd, PLAN_OS, os.pretty_name);
        return 0;
}

int stage_image(Build *build, Failure *reterr) {
        int r = image_find(build, reterr);

        if (r >= 0)
                r = mount_tree(build, reterr);
        /* A plan tells it with all the rest. */
        if (r >= 0 && build->order->verb == ORDER_BUILD)
                r = image_report_os(build, reterr);
        return r;
}
