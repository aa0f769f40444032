/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Taking over. Which modules an initrd has it says itself: dracut leaves a list in each that it makes, so that it
 * does not matter who had it made, nor what for.
 */

#include "liveos/iso-reuse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fd.h"
#include "common/strings.h"
#include "config/report.h"
#include "liveos/customize.h"
#include "liveos/dracut.h"
#include "liveos/kdump.h"
#include "liveos/live-url.h"
#include "liveos/media.h"
#include "liveos/places.h"

#define MODULES_LIST_PATH  "lib/dracut/modules.txt"
#define INITRD_ENTRIES_MAX 1000000

int iso_open(Failure *reterr) {
        int fd = open(PLACE_DISK, O_RDONLY | O_CLOEXEC);

        return fd < 0 ? failure_set_errno(reterr, -errno, "The ISO's files cannot be opened") : fd;
}

int iso_copy(const IsoFile *file, int to_fd, Failure *reterr) {
        _cleanup_close_ int from_fd = iso_open(reterr);
        int r;

        if (from_fd < 0)
                return from_fd;
        r = fd_copy_range(from_fd, file->offset_bytes, to_fd, 0, file->size_bytes);
        /* A hole at the end is no byte that was copied. */
        if (r >= 0 && ftruncate(to_fd, (off_t) file->size_bytes) < 0)
                r = -errno;
        return r < 0 ? failure_set_errno(reterr, r, "The ISO's '/%s' cannot be copied", file->path)
                     : 0;
}

const IsoFile *iso_find_initrd(const Build *build, size_t i) {
        const IsoFile *only = iso_input_find(build->iso, ISO_INITRAMFS_PATH), *file = NULL;

        if (build->initramfs == INITRAMFS_FULL_OS)
                return only;
        for (size_t k = 0; !file && k < KERNEL_INITRD_FORMS; k++) {
                char path[ISO_PATH_MAX];

                (void) snprintf(path,
                                sizeof(path),
                                "boot/%s%s%s",
                                kernel_initrd_forms[k][0],
                                build->kernels.items[i].version,
                                kernel_initrd_forms[k][1]);
                file = iso_input_find(build->iso, path);
        }
        return file || build->kernels.n_items > 1 ? file : only;
}

int iso_reuse_names(Build *build) {
        if (!build->iso || build->initramfs == INITRAMFS_FULL_OS)
                return 0;
        for (size_t i = 0; i < build->kernels.n_items; i++) {
                const IsoFile *file = iso_find_initrd(build, i);
                char *name;

                if (!file || str_equal(file->path, ISO_INITRAMFS_PATH))
                        continue;
                name = strdup(strrchr(file->path, '/') + 1);
                if (!name)
                        return -ENOMEM;
                free(build->kernels.items[i].initrd);
                build->kernels.items[i].initrd = name;
        }
        return 0;
}

/* ---- whether ---- */

static bool keeps_os(const Build *build) {
        return build->iso && iso_input_type(build->iso) == build->initramfs &&
               !customize_wanted(build);
}

bool iso_reuses_root(const Build *build) {
        /* Where kdump's files are is a matter of the OS, too. */
        return keeps_os(build) && build->kdump == kdump_before(build);
}

bool iso_reuses_initrds(const Build *build) {
        return build->initramfs == INITRAMFS_FULL_OS ? iso_reuses_root(build)
                                                     : keeps_os(build) && !build->iso_initrds_lack;
}

/* ---- what an initrd has ---- */

/* The modules, in a list; an empty one when that cannot be told. */
static int read_modules(const Build *build, size_t i, char ***ret, Failure *reterr) {
        const IsoFile *file = iso_find_initrd(build, i);
        const ArchiveLimits limits = { .max_bytes = build->order->scratch_max_bytes,
                                       .max_entries = INITRD_ENTRIES_MAX };
        _cleanup_close_ int fd = file ? iso_open(reterr) : -EBADF;
        _cleanup_free_ char *text = NULL;
        int r;

        if (!file)
                return 0;
        if (fd < 0)
                return fd;
        r = archive_find_in_initramfs(
                        &(ArchivePlace){
                                        .fd = fd,
                                        .offset_bytes = file->offset_bytes,
                                        .size_bytes = file->size_bytes,
                        },
                        &limits,
                        MODULES_LIST_PATH,
                        &text,
                        /* reterr= */ NULL);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        *ret = strv_split(text, "\n");
        return *ret ? 0 : -ENOMEM;
}

static int look_at(Build *build, size_t i, Failure *reterr) {
        const char *const wanted[] = { DRACUT_LIVENET, build->dracut.url_module };
        _cleanup_strv_ char **modules = NULL;
        int r = read_modules(build, i, &modules, reterr);

        for (size_t k = 0; r >= 0 && k < ELEMENTSOF(wanted) && !build->iso_initrds_lack; k++)
                if (wanted[k] && !strv_contains(modules, wanted[k]))
                        build->iso_initrds_lack = wanted[k];
        return r;
}

int iso_reuse_look(Build *build, Failure *reterr) {
        int r = 0;

        build->iso_initrds_lack = NULL;
        if (build->initramfs == INITRAMFS_FULL_OS || !keeps_os(build))
                return 0;
        for (size_t i = 0; i < build->kernels.n_items && r >= 0; i++)
                r = look_at(build, i, reterr);
        if (r < 0 || !build->iso_initrds_lack)
                return r;
        if (build_boots_from_network(build)) {
                report_log(build->report_fd,
                           LOG_INFO,
                           "the initrds are made anew, as those of the ISO lack dracut's %s, which fetching from the URL takes",
                           build->iso_initrds_lack);
                return 0;
        }
        /* Nobody fetches anything: they are as good as they were. */
        build->iso_initrds_lack = NULL;
        build->dracut.network = DRACUT_NETWORK_NONE;
        return 0;
}

/* ---- taking ---- */

static int reuse(const IsoFile *file, const char *to_path, Failure *reterr) {
        _cleanup_close_ int to_fd = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

        if (to_fd < 0)
                return failure_set_errno(reterr, -errno, "'%s' cannot be made", to_path);
        return iso_copy(file, to_fd, reterr);
}

int iso_reuse_rootfs(const Build *build, Failure *reterr) {
        return reuse(iso_input_find(build->iso, MEDIUM_ROOTFS_PATH), MEDIA_ROOTFS, reterr);
}

int iso_reuse_initrds(const Build *build, Failure *reterr) {
        int r = 0;

        if (build->initramfs == INITRAMFS_FULL_OS)
                return reuse(iso_find_initrd(build, 0), MEDIA_INITRD "/" INITRD_FULL_OS, reterr);
        for (size_t i = 0; i < build->kernels.n_items && r >= 0; i++) {
                _cleanup_free_ char *to_path = str_printf(
                                MEDIA_INITRD "/%s",
                                build->kernels.items[i].version);
                const IsoFile *file = iso_find_initrd(build, i);

                if (!to_path)
                        return -ENOMEM;
                if (!file)
                        return failure_set(
                                        reterr,
                                        -ENOEXEC,
                                        "The ISO has no initrd for its kernel %s: make the ISO anew from the disk image.",
                                        build->kernels.items[i].version);
                r = reuse(file, to_path, reterr);
        }
        return r;
}
