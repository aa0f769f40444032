/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ESP in the tree. Its files are copied as a job cannot mount a FAT file system; they are few, and only
 * who customizes needs them. */

#include "liveos/esp-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "common/walk.h"
#include "config/report.h"
#include "container/mount.h"
#include "liveos/esp.h"
#include "liveos/loader-files.h"
#include "liveos/places.h"

#define ESP_FILES PLACE_WORK "/esp.files" /* as they are in the image */
#define ESP_UPPER PLACE_WORK "/esp.upper" /* what has been changed */
#define ESP_WORK  PLACE_WORK "/esp.work"

/* The folder in the tree. A link could lead to somewhere else in the container, so none counts. */
static int make_place(const char *path) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_close_ int fd = -EBADF;
        int r = root_fd < 0 ? -errno : fs_mkdir_beneath(root_fd, path + 1, 0755);

        if (r < 0)
                return r;
        fd = fd_open_beneath(root_fd, path + 1, O_PATH | O_DIRECTORY, 0);
        return fd < 0 ? fd : 0;
}

static int make_folders(Failure *reterr) {
        static const char *const folders[] = { ESP_FILES, ESP_UPPER, ESP_WORK };

        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                if (mkdir(folders[i], 0755) < 0)
                        return failure_set_errno(
                                        reterr,
                                        -errno,
                                        "The folder '%s' cannot be made",
                                        folders[i]);
        return 0;
}

/* What the root itself has in the place is seen, too: without a customization loaders are found there. */
static int mount_files(const char *path, Failure *reterr) {
        _cleanup_free_ char *target = str_printf(PLACE_TREE "%s", path);
        const char *const lowers[] = { ESP_FILES, target, NULL };

        return target ? overlay_mount(lowers, ESP_UPPER, ESP_WORK, target, reterr) : -ENOMEM;
}

int esp_tree_mount(Build *build, Failure *reterr) {
        const char *path = build->esp_path[0] ? build->esp_path : ESP_TREE_PATH;
        int r;

        if (!partitions_find_esp(&build->partitions))
                return 0;
        /* An overlay has no words for these. */
        r = strpbrk(path, ",:\\") ? -EINVAL : make_place(path);
        if (r < 0) {
                report_log(build->report_fd,
                           LOG_WARNING,
                           "'%s' is no folder of the image, so that the EFI system partition is not there for packages and scripts",
                           path);
                return 0;
        }
        r = make_folders(reterr);
        if (r >= 0)
                r = esp_copy_all(build, ESP_FILES, reterr);
        if (r >= 0)
                r = mount_files(path, reterr);
        if (r < 0)
                return r;
        (void) snprintf(build->esp_path, sizeof(build->esp_path), "%s", path);
        build->esp_is_in_tree = true;
        return 0;
}

typedef struct Listing {
        int tree_fd; /* the ESP's folder as it now is */
        char **paths;
} Listing;

static int on_entry(void *userdata, const WalkEntry *entry, Failure *reterr) {
        Listing *listing = userdata;
        struct stat st;

        if (!S_ISREG(entry->st.st_mode) ||
            fs_stat_in_root(listing->tree_fd, entry->path, &st) < 0 || !S_ISREG(st.st_mode))
                return 0;
        if (strv_length(listing->paths) >= 2 * LOADER_PATHS_MAX)
                return failure_set(
                                reterr,
                                -E2BIG,
                                "The EFI system partition has got too many files to look for boot loaders among them.");
        return strv_append(&listing->paths, entry->path);
}

static int list_folder(Listing *listing, const char *folder, Failure *reterr) {
        _cleanup_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : walk_tree(fd, on_entry, listing, reterr);
}

int esp_tree_list(const Build *build, char ***ret_paths, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_close_ int tree_fd = -EBADF;
        Listing listing = {};
        int r;

        /* A script may have put a link in the way. */
        tree_fd = root_fd < 0 ? -errno
                              : fd_open_in_root(root_fd,
                                                build->esp_path + 1,
                                                O_RDONLY | O_DIRECTORY,
                                                0);
        listing.tree_fd = tree_fd;
        r = tree_fd < 0 ? tree_fd : list_folder(&listing, ESP_UPPER, reterr);
        if (r >= 0)
                r = list_folder(&listing, ESP_FILES, reterr);
        if (r < 0) {
                (void) strv_free(listing.paths);
                return failure_default(
                                reterr,
                                r,
                                "The EFI system partition's files cannot be listed");
        }
        *ret_paths = listing.paths;
        return 0;
}

int esp_tree_copy(const Build *build, const char *path, const char *to_path, Failure *reterr) {
        _cleanup_free_ char *whole = str_printf("%s/%s", build->esp_path + 1, path);

        return whole ? loader_copy_from_root(whole, to_path, reterr) : -ENOMEM;
}
