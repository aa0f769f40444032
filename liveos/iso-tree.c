/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An ISO's files in the places of an image. Names come from the ISO: whatever is written goes below an
 * open folder. */

#include "liveos/iso-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "config/config-medium.h"
#include "config/report.h"
#include "liveos/full-os.h"
#include "liveos/iso-input.h"
#include "liveos/iso-reuse.h"
#include "liveos/media.h"
#include "liveos/places.h"

#define ROOT_FILES_MAX 4000000

static int put(int root_fd, const char *path, const IsoFile *file, Failure *reterr) {
        _cleanup_close_ int to_fd = fs_create_in_root(root_fd, path, file->permissions);

        if (to_fd < 0)
                return failure_set_errno(
                                reterr,
                                to_fd,
                                "The ISO's '/%s' cannot be put in its place",
                                file->path);
        return iso_copy(file, to_fd, reterr);
}

/* ---- the root file system of a full-os ---- */

#define NODE_PATH_SIZE 256

/* The device nodes of an initramfs that its root will not have again. */
typedef struct LostNodes {
        unsigned n;
        char first[NODE_PATH_SIZE];
} LostNodes;

/* What is in /dev the kernel itself makes at each boot, and an initrd gets the few it needs before. */
static void note_node(void *userdata, const char *path) {
        LostNodes *lost = userdata;

        while (path[0] == '/' || (path[0] == '.' && path[1] == '/'))
                path++;
        if (str_after_prefix(path, "dev/"))
                return;
        if (lost->n++ == 0)
                (void) snprintf(lost->first, sizeof(lost->first), "%s", path);
}

/* Who only looks for the OS's name makes nothing of the root, and an initramfs that is taken over as it is has
 * them all. */
static void warn_of_nodes(const Build *build, const LostNodes *lost) {
        if (lost->n == 0 || build->order->verb == ORDER_IMPORT || iso_reuses_root(build))
                return;
        report_log(build->report_fd,
                   LOG_WARNING,
                   "%u device node%s outside of /dev cannot be taken over from the ISO's initramfs, as a job can make none: the first is '/%s'. Make the Live OS from the disk image to keep such.",
                   lost->n,
                   lost->n == 1 ? "" : "s",
                   lost->first);
}

int iso_tree_unpack_root(const Build *build, const char **ret_folder, Failure *reterr) {
        const IsoFile *initramfs = iso_input_find(build->iso, ISO_INITRAMFS_PATH);
        const ArchiveLimits limits = { .max_bytes = build->order->scratch_max_bytes,
                                       .max_entries = ROOT_FILES_MAX };
        _cleanup_close_ int from_fd = iso_open(reterr), folder_fd = -EBADF;
        LostNodes lost = {};
        int r;

        if (from_fd < 0)
                return from_fd;
        if (!initramfs)
                return failure_set(
                                reterr,
                                -ENOEXEC,
                                "The ISO has neither /" MEDIUM_ROOTFS_PATH
                                " nor /" ISO_INITRAMFS_PATH
                                ", so it is no Live OS: give one that pxed or Image Customizer has made, or a disk image.");
        if (mkdir(PLACE_ISO_ROOT, 0755) < 0)
                return failure_set_errno(reterr, -errno, "The root's folder cannot be made");
        folder_fd = open(PLACE_ISO_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder_fd < 0)
                return failure_set_errno(reterr, -errno, "The root's folder cannot be opened");
        r = archive_unpack_initramfs(
                        &(ArchivePlace){
                                        .fd = from_fd,
                                        .offset_bytes = initramfs->offset_bytes,
                                        .size_bytes = initramfs->size_bytes,
                        },
                        &limits,
                        folder_fd,
                        note_node,
                        &lost,
                        reterr);
        if (r >= 0)
                warn_of_nodes(build, &lost);
        if (r >= 0)
                r = full_os_take_back(folder_fd, reterr);
        if (r >= 0)
                *ret_folder = PLACE_ISO_ROOT;
        return r;
}

/* ---- back into the tree ---- */

/* The one folder of modules. A medium with several kernels names each for its version. */
static int find_version(int root_fd, char **ret, Failure *reterr) {
        _cleanup_closedir_ DIR *d = NULL;
        _cleanup_free_ char *version = NULL;
        struct dirent *entry;
        int fd = fd_open_in_root(root_fd, "usr/lib/modules", O_RDONLY | O_DIRECTORY, 0);

        if (fd >= 0)
                d = fs_opendir(fd);
        while (d && (entry = fs_readdir(d))) {
                _cleanup_free_ char *path = str_printf(
                                "usr/lib/modules/%s/modules.dep",
                                entry->d_name);
                struct stat st;

                if (!path)
                        return -ENOMEM;
                if (fs_stat_in_root(root_fd, path, &st) < 0)
                        continue;
                if (version)
                        return failure_set(
                                        reterr,
                                        -ENOEXEC,
                                        "The ISO's root has modules of several kernels (%s, %s), but its one kernel does not say which version it has: make the ISO anew from the disk image.",
                                        version,
                                        entry->d_name);
                version = strdup(entry->d_name);
                if (!version)
                        return -ENOMEM;
        }
        if (!version)
                return failure_set(
                                reterr,
                                -ENOEXEC,
                                "The ISO's root has no modules of a kernel below /usr/lib/modules, so its kernel does not say which version it has: make the ISO anew from the disk image.");
        *ret = TAKE_PTR(version);
        return 0;
}

static int restore_kernel(int root_fd, const IsoFile *file, Failure *reterr) {
        _cleanup_free_ char *version = NULL, *path = NULL;
        int r;

        if (!str_equal(file->path, "boot/vmlinuz"))
                return put(root_fd, file->path, file, reterr);
        r = find_version(root_fd, &version, reterr);
        if (r < 0)
                return r;
        path = str_printf("boot/vmlinuz-%s", version);
        return path ? put(root_fd, path, file, reterr) : -ENOMEM;
}

static int restore_loader(int root_fd, const IsoFile *file, Failure *reterr) {
        _cleanup_free_ char *path = str_printf(
                        "boot/efi/" MEDIUM_EFI_FOLDER "%s",
                        strrchr(file->path, '/'));

        return path ? put(root_fd, path, file, reterr) : -ENOMEM;
}

static int restore_in_place(int root_fd, const IsoFile *file, Failure *reterr) {
        return put(root_fd, file->path, file, reterr);
}

/* What of a medium is an image's, and how it gets there. A '*' stands for any rest of a name. */
static const struct {
        const char *pattern;
        int (*restore)(int root_fd, const IsoFile *file, Failure *reterr);
} places[] = {
        { "boot/vmlinuz*", restore_kernel },
        { "boot/init*kdump.img", restore_in_place },
        { "efi/boot/*.efi", restore_loader },
        { MEDIUM_GRUB_FOLDER "/grub.cfg", restore_in_place },
        { MEDIUM_GRUB_FOLDER "/grubenv", restore_in_place },
};

static int restore_file(int root_fd, const IsoFile *file, Failure *reterr) {
        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                if (fnmatch(places[i].pattern,
                            file->path,
                            FNM_PATHNAME | FNM_CASEFOLD | FNM_NOESCAPE) == 0)
                        return places[i].restore(root_fd, file, reterr);
        return 0;
}

int iso_tree_restore(const Build *build, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = 0;

        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The image's tree cannot be opened");
        for (size_t i = 0; i < build->iso->n_files && r >= 0; i++)
                r = restore_file(root_fd, &build->iso->files[i], reterr);
        return r;
}

/* ---- what users have put there ---- */

/* Left out is what this build makes itself, and what other tools have left of the image's own ESP. */
bool iso_tree_is_users(const Build *build, const char *path) {
        static const char *const others[] = {
                "boot/efi/*",
                "boot.cat",
                "boot.catalog",
        };

        if (config_medium_is_generated(path) || str_equal(path, build->iso_name))
                return false;
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (fnmatch(others[i], path, FNM_CASEFOLD | FNM_NOESCAPE) == 0)
                        return false;
        return true;
}

int iso_tree_put_user_files(const Build *build, int folder_fd, Failure *reterr) {
        int r = 0;

        for (size_t i = 0; build->iso && i < build->iso->n_files && r >= 0; i++)
                if (iso_tree_is_users(build, build->iso->files[i].path))
                        r = put(folder_fd,
                                build->iso->files[i].path,
                                &build->iso->files[i],
                                reterr);
        return r;
}
