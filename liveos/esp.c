/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* EFI system partitions, by mtools. */

#include "liveos/esp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/fs.h"
#include "common/strings.h"
#include "common/walk.h"
#include "liveos/esp-tree.h"
#include "liveos/places.h"
#include "liveos/run.h"

#define SECTOR_BYTES  UINT64_C(512)
#define CLUSTER_BYTES UINT64_C(2048) /* at most, see esp_make() */
/* What the tables of FAT and the folders need beside the files, generously. */
#define OVERHEAD_BYTES (UINT64_C(512) * 1024)
/* A FAT with fewer clusters is a FAT12, which not every firmware reads. */
#define SIZE_MIN_BYTES (UINT64_C(4) * 1024 * 1024)
/* Up to here a FAT16 can have clusters of one sector. */
#define SMALL_MAX_BYTES (UINT64_C(30) * 1024 * 1024)

/* Folders that are in each other make a list without end. */
#define LIST_TIMEOUT_USEC (UINT64_C(30) * 1000000)

/* How mtools is told where the partition is: "FILE@@OFFSET". */
static char *esp_drive(const Partition *esp) {
        return str_printf(PLACE_DISK "@@%" PRIu64, esp->offset_bytes);
}

typedef struct Listing {
        char **paths;
        bool too_many;
} Listing;

/* "::/EFI/BOOT/BOOTX64.EFI"; folders end in '/'. */
static void on_path(void *userdata, const char *line) {
        Listing *listing = userdata;
        const char *path = str_after_prefix(line, "::/");

        if (!path || str_is_empty(path) || str_has_suffix(path, "/"))
                return;
        if (strv_length(listing->paths) >= LOADER_PATHS_MAX ||
            strv_append(&listing->paths, path) < 0)
                listing->too_many = true;
}

int esp_list(const Build *build, char ***ret_paths, Failure *reterr) {
        const Partition *esp = partitions_find_esp(&build->partitions);
        _cleanup_free_ char *drive = NULL;
        Command command = COMMAND_INIT;
        Listing listing = {};
        int r;

        if (build->esp_is_in_tree)
                return esp_tree_list(build, ret_paths, reterr);
        if (!esp) {
                *ret_paths = calloc(1, sizeof(char *));
                return *ret_paths ? 0 : -ENOMEM;
        }
        drive = esp_drive(esp);
        if (!drive)
                return -ENOMEM;
        command.argv = (const char *const[]){ "mdir", "-i", drive, "-b", "-a", "-/", "::/", NULL };
        command.environment = (const char *const[]){ "MTOOLS_SKIP_CHECK=1", NULL };
        command.profile = COMMAND_TOOL;
        command.timeout_usec = LIST_TIMEOUT_USEC;
        command.on_line = on_path;
        command.userdata = &listing;
        r = command_run(&command, reterr);
        if (r != 0 || listing.too_many) {
                strv_free(listing.paths);
                return r < 0 && r != -ETIMEDOUT
                                       ? r
                                       : failure_set(reterr,
                                                     -ENOEXEC,
                                                     "The EFI system partition of the image (number %u) cannot be listed: it is no FAT file system, is damaged, or holds too many files.",
                                                     esp->number);
        }
        *ret_paths = listing.paths;
        return 0;
}

int esp_copy(const Build *build, const char *path, const char *to_path, Failure *reterr) {
        const Partition *esp = partitions_find_esp(&build->partitions);
        _cleanup_free_ char *drive = NULL, *from = NULL;
        Command command = COMMAND_INIT;

        if (build->esp_is_in_tree)
                return esp_tree_copy(build, path, to_path, reterr);
        if (!esp)
                return failure_set(reterr, -ENOENT, "The image has no EFI system partition.");
        drive = esp_drive(esp);
        from = str_printf("::/%s", path);
        if (!drive || !from)
                return -ENOMEM;
        command.argv = (const char *const[]){ "mcopy", "-n", "-i", drive, from, to_path, NULL };
        command.environment = (const char *const[]){ "MTOOLS_SKIP_CHECK=1", NULL };
        command.profile = COMMAND_TOOL;
        return run_logged(build->report_fd, "mcopy", command, reterr);
}

/* The list shows first that there is an end to it: mcopy has no bound of its own. That no file of a damaged
 * file system is larger than the partition is the other half. */
int esp_copy_all(const Build *build, const char *to_folder, Failure *reterr) {
        const Partition *esp = partitions_find_esp(&build->partitions);
        _cleanup_strv_ char **paths = NULL;
        _cleanup_free_ char *drive = NULL;
        Command command = COMMAND_INIT;
        int r = esp_list(build, &paths, reterr);

        if (r < 0 || strv_length(paths) == 0)
                return r;
        drive = esp_drive(esp);
        if (!drive)
                return -ENOMEM;
        command.argv = (const char *const[]){ "mcopy", "-s",  "-n",      "-Q", "-i",
                                              drive,   "::*", to_folder, NULL };
        command.environment = (const char *const[]){ "MTOOLS_SKIP_CHECK=1", NULL };
        command.profile = COMMAND_TOOL;
        command.limits = &(const PlanLimit){ RLIMIT_FSIZE, esp->size_bytes };
        command.n_limits = 1;
        r = run_logged(build->report_fd, "mcopy", command, reterr);
        if (r < 0 && r != -ENOSPC)
                failure_prefix(reterr,
                               "The EFI system partition of the image (number %u) cannot be copied: ",
                               esp->number);
        return r;
}

static int add_size(void *userdata, const WalkEntry *entry, Failure *reterr _unused_) {
        uint64_t *bytes = userdata;
        uint64_t size = (uint64_t) entry->st.st_size;

        if (S_ISDIR(entry->st.st_mode))
                *bytes += CLUSTER_BYTES;
        else
                *bytes += (size + CLUSTER_BYTES - 1) / CLUSTER_BYTES * CLUSTER_BYTES;
        return 0;
}

static int measure(const char *folder, uint64_t *ret_bytes, Failure *reterr) {
        _cleanup_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        uint64_t bytes = OVERHEAD_BYTES;
        int r = fd < 0 ? -errno : walk_tree(fd, add_size, &bytes, reterr);

        if (r < 0)
                return failure_default(reterr, r, "The loaders cannot be measured");
        bytes += bytes / 64;
        *ret_bytes = bytes < SIZE_MIN_BYTES ? SIZE_MIN_BYTES : bytes;
        return 0;
}

typedef struct Filler {
        int report_fd;
        const char *from_folder;
        const char *image;
} Filler;

/* One after another, in the order of the walk: that of mcopy is the folder's own, and no two file systems
 * agree on it. */
static int fill(void *userdata, const WalkEntry *entry, Failure *reterr) {
        const Filler *filler = userdata;
        _cleanup_free_ char *from = str_printf("%s/%s", filler->from_folder, entry->path);
        _cleanup_free_ char *to = str_printf("::/%s", entry->path);
        const char *const copy[] = { "mcopy", "-Q", "-i", filler->image, from, to, NULL };
        const char *const make[] = { "mmd", "-i", filler->image, to, NULL };

        if (!from || !to)
                return -ENOMEM;
        return run_tool(filler->report_fd, S_ISDIR(entry->st.st_mode) ? make : copy, reterr);
}

static int fill_all(Filler *filler, Failure *reterr) {
        _cleanup_close_ int fd = open(filler->from_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return failure_set_errno(reterr, -errno, "The loaders cannot be listed");
        return walk_tree(fd, fill, filler, reterr);
}

int esp_make(int report_fd, const char *from_folder, const char *to_path, Failure *reterr) {
        Filler filler = { .report_fd = report_fd, .from_folder = from_folder, .image = to_path };
        _cleanup_free_ char *sectors = NULL;
        uint64_t bytes = 0;
        int r = measure(from_folder, &bytes, reterr);

        if (r < 0)
                return r;
        sectors = str_printf("%" PRIu64, (bytes + SECTOR_BYTES - 1) / SECTOR_BYTES / 8 * 8 + 8);
        if (!sectors)
                return -ENOMEM;
        /* clang-format off */
        r = run_tool(report_fd, (const char *const[]) {
                "mformat", "-C", "-i", to_path, "-T", sectors, "-h", "2", "-s", "8",
                "-c", bytes > SMALL_MAX_BYTES ? "4" : "1", "-v", "ESP", "-N", "70786564", "::", NULL,
        }, reterr);
        /* clang-format on */
        return r < 0 ? r : fill_all(&filler, reterr);
}
