/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The small files of the media, medium by medium, in the same way for each. */

#include "liveos/boot-files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "config/report.h"
#include "liveos/customize-files.h"
#include "liveos/esp.h"
#include "liveos/grub-live.h"
#include "liveos/iso-saved.h"
#include "liveos/iso-tree.h"
#include "liveos/kdump.h"
#include "liveos/loader-files.h"
#include "liveos/media.h"
#include "liveos/menu.h"
#include "liveos/places.h"

#define ESP_TREE PLACE_WORK "/esp"

/* Puts an item of the medium in its place; the path it got is handed back when asked for. */
static int put_loader(
                const Build *build,
                MediumKind medium,
                MediumItem item,
                char **ret_path,
                Failure *reterr) {
        const MediumNames names = { .arch = build->arch };
        _cleanup_free_ char *path = NULL, *to_path = NULL;
        int r = medium_path(medium, item, &names, &path);

        if (r >= 0)
                r = media_make_parent(media_folder(medium), path, reterr);
        if (r < 0)
                return r;
        to_path = str_printf("%s/%s", media_folder(medium), path);
        if (!to_path)
                return -ENOMEM;
        r = loader_copy(build,
                        item == MEDIUM_SHIM ? &build->loaders.shim : &build->loaders.grub[medium],
                        to_path,
                        reterr);
        if (r >= 0)
                *ret_path = TAKE_PTR(to_path);
        return r;
}

static int put_kernels(const Build *build, MediumKind medium, Failure *reterr) {
        int r = 0;

        for (size_t i = 0; i < build->kernels.n_items && r >= 0; i++) {
                const MediumNames names = medium_names_for_kernel(
                                &build->kernels,
                                i,
                                build->initramfs,
                                build->arch);
                _cleanup_free_ char *path = NULL, *to_path = NULL;

                r = medium_path(medium, MEDIUM_KERNEL, &names, &path);
                if (r >= 0)
                        r = media_make_parent(media_folder(medium), path, reterr);
                if (r < 0)
                        return r;
                to_path = str_printf("%s/%s", media_folder(medium), path);
                r = to_path ? loader_copy_from_root(
                                              build->kernels.items[i].vmlinuz,
                                              to_path,
                                              reterr)
                            : -ENOMEM;
        }
        return r;
}

/* A mode that came along with the source is easily one that nobody meant for a server. */
static void warn_of_private(const Build *build, int folder_fd, const ConfigFile *file) {
        struct stat st;

        if (file->has_permissions || fs_stat_in_root(folder_fd, file->destination, &st) < 0 ||
            (st.st_mode & S_IROTH) != 0)
                return;
        report_log(build->report_fd,
                   LOG_WARNING,
                   "additionalFiles: '%s' has the permissions of its source, %04o, with which a server that runs as another user cannot hand it out: set permissions to what is meant.",
                   file->destination,
                   st.st_mode & 0777);
}

static int put_user_file(
                const Build *build,
                MediumKind medium,
                int folder_fd,
                const ConfigFile *file,
                Failure *reterr) {
        int r = customize_put_file(folder_fd, file, reterr);

        if (r >= 0 && medium == MEDIUM_PXE)
                warn_of_private(build, folder_fd, file);
        return r;
}

static int put_user_files(const Build *build, MediumKind medium, Failure *reterr) {
        _cleanup_close_ int fd = open(
                        media_user_folder(medium),
                        O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const ConfigMedium *nodes[3];
        int r = fd < 0 ? -errno : 0;

        /* Those of an ISO first: the config's take their places. */
        if (r >= 0)
                r = iso_tree_put_user_files(build, fd, reterr);
        build_medium_nodes(build, medium, nodes);
        for (size_t k = 0; nodes[k]; k++)
                for (size_t i = 0; i < nodes[k]->n_files && r >= 0; i++)
                        r = put_user_file(build, medium, fd, &nodes[k]->files[i], reterr);
        return r;
}

static int copy_to_esp(const char *loader, Failure *reterr) {
        _cleanup_free_ char *to_path = str_printf(
                        ESP_TREE "/" MEDIUM_EFI_FOLDER "%s",
                        strrchr(loader, '/'));
        _cleanup_close_ int fd = open(loader, O_RDONLY | O_CLOEXEC);
        int r = !to_path || fd < 0 ? -EIO : loader_copy_fd(fd, to_path);

        return r < 0 ? failure_set_errno(reterr, r, "'%s' cannot be copied to the ESP", loader) : 0;
}

/* The redirectors on the ESP lead a loader that was started from there to the ISO itself. A loader
 * that the firmware has started off an optical medium looks on the ISO and not here. */
static int write_esp_menus(const Build *build, const char *prefix, Failure *reterr) {
        static const char *const always[] = {
                "boot/grub2/grub.cfg",
                "boot/grub/grub.cfg",
                "EFI/BOOT/grub.cfg",
                NULL,
        };
        _cleanup_free_ char *redirector = grub_make_redirector(build_volume_id(build));
        _cleanup_strv_ char **paths = NULL;
        int r = redirector ? medium_redirector_paths(MEDIUM_ISO, prefix, &paths, reterr) : -ENOMEM;

        if (r >= 0)
                r = strv_append_all(&paths, (char *const *) always);
        STRV_FOREACH(path, paths)
                if (r >= 0)
                        r = media_write(ESP_TREE, *path, redirector, reterr);
        return r;
}

/* The partition that firmware starts from, off an optical medium as off a stick. */
static int make_esp(
                const Build *build,
                const char *shim,
                const char *grub,
                const char *prefix,
                Failure *reterr) {
        static const char *const folders[] = { "", "/EFI", "/EFI/BOOT" };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                _cleanup_free_ char *path = str_printf(ESP_TREE "%s", folders[i]);

                if (!path || mkdir(path, 0755) < 0)
                        return failure_set(reterr, -EIO, "The ESP's folders cannot be made.");
        }
        r = copy_to_esp(shim, reterr);
        if (r >= 0)
                r = copy_to_esp(grub, reterr);
        if (r >= 0)
                r = write_esp_menus(build, prefix, reterr);
        return r < 0 ? r : esp_make(build->report_fd, ESP_TREE, MEDIA_EFIBOOT, reterr);
}

static int put_iso_extras(
                const Build *build,
                const char *shim,
                const char *grub,
                const char *prefix,
                Failure *reterr) {
        const MediumNames names = { .arch = build->arch };
        _cleanup_free_ char *path = NULL;
        int r = medium_path(MEDIUM_ISO, MEDIUM_DISK_INFO, &names, &path);

        if (r >= 0)
                r = media_write(media_folder(MEDIUM_ISO), path, "Live OS\n", reterr);
        if (r >= 0)
                r = iso_saved_put(build, reterr);
        return r < 0 ? r : make_esp(build, shim, grub, prefix, reterr);
}

static int put_medium(const Build *build, MediumKind medium, Failure *reterr) {
        _cleanup_free_ char *shim = NULL, *grub = NULL;
        char prefix[LOADER_PREFIX_MAX];
        int r = put_loader(build, medium, MEDIUM_SHIM, &shim, reterr);

        if (r >= 0)
                r = put_loader(build, medium, MEDIUM_GRUB, &grub, reterr);
        if (r >= 0)
                r = loader_find_prefix(build, medium, grub, prefix, reterr);
        if (r >= 0)
                r = menu_write(build, medium, prefix, reterr);
        if (r >= 0)
                r = put_kernels(build, medium, reterr);
        if (r >= 0)
                r = kdump_put(build, medium, reterr);
        if (r >= 0 && medium == MEDIUM_ISO)
                r = put_iso_extras(build, shim, grub, prefix, reterr);
        if (r >= 0)
                r = put_user_files(build, medium, reterr);
        return r;
}

int stage_boot_files(Build *build, Failure *reterr) {
        int r = 0;

        for (MediumKind medium = 0; medium < _MEDIUM_KIND_MAX && r >= 0; medium++)
                if (build_media(build) & (1U << medium))
                        r = put_medium(build, medium, reterr);
        return r;
}
