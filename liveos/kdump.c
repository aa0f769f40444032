/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files belong to a kernel when the version in their name is its whole version, as everywhere. */

#include "liveos/kdump.h"

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
#include "liveos/media.h"
#include "liveos/places.h"

static const char *const prefixes[] = { "initramfs-", "initrd.img-" };

#define SUFFIX "kdump.img"

/* The version in the name of an initrd of kdump; NULL when it is none, or there is no memory. */
static char *version_of_initrd(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++) {
                const char *rest = str_after_prefix(name, prefixes[i]);
                size_t n = rest ? strlen(rest) : 0;

                if (n > strlen(SUFFIX) && str_equal(rest + n - strlen(SUFFIX), SUFFIX))
                        return strndup(rest, n - strlen(SUFFIX));
        }
        return NULL;
}

static bool has_file(int folder_fd, const char *prefix, const char *version, const char *suffix) {
        _cleanup_free_ char *name = str_printf("%s%s%s", prefix, version, suffix);
        struct stat st;

        return name && fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
               S_ISREG(st.st_mode);
}

/* A crashed kernel is followed by a kernel and its initrd, without a folder of modules. */
static bool has_kernel(const Kernels *kernels, int folder_fd, const char *version) {
        for (size_t i = 0; i < kernels->n_items; i++)
                if (str_equal(kernels->items[i].version, version))
                        return true;
        return has_file(folder_fd, "vmlinuz-", version, "");
}

static bool has_initrd(int folder_fd, const char *version) {
        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                if (has_file(folder_fd, prefixes[i], version, SUFFIX))
                        return true;
        return false;
}

bool kdump_needs(const Kernels *kernels, int folder_fd, const char *name) {
        const char *of_kernel = kernel_version_from_name(name);
        _cleanup_free_ char *of_initrd = version_of_initrd(name);

        if (of_kernel)
                return has_initrd(folder_fd, of_kernel);
        return of_initrd && has_initrd(folder_fd, of_initrd) &&
               has_kernel(kernels, folder_fd, of_initrd);
}

bool kdump_is_on_iso(const IsoInput *iso) {
        for (uint32_t i = 0; i < iso->n_files; i++) {
                const char *name = str_after_prefix(iso->files[i].path, "boot/");
                _cleanup_free_ char *version = name ? version_of_initrd(name) : NULL;

                if (version)
                        return true;
        }
        return false;
}

ConfigKdump kdump_before(const Build *build) {
        if (!build->iso)
                return KDUMP_KEEP;
        if (build->saved.kdump != KDUMP_UNSET)
                return build->saved.kdump;
        return kdump_is_on_iso(build->iso) ? KDUMP_NONE : KDUMP_KEEP;
}

void kdump_tell(const Build *build, int root_fd) {
        bool keeps = build->kdump == KDUMP_KEEP;
        int fd = fd_open_in_root(root_fd, "boot", O_RDONLY | O_DIRECTORY, 0);
        _cleanup_closedir_ DIR *d = fd >= 0 ? fs_opendir(fd) : NULL;
        struct dirent *entry;

        while (d && (entry = fs_readdir(d))) {
                _cleanup_free_ char *version = version_of_initrd(entry->d_name);

                if (version && kdump_needs(&build->kernels, dirfd(d), entry->d_name))
                        report_log(build->report_fd,
                                   LOG_INFO,
                                   "kdump's initrd and kernel of version %s are kept in %s (kdumpBootFiles)",
                                   version,
                                   keeps ? "the OS" : "the medium's /boot");
        }
}

static int put_file(int folder_fd, const char *name, MediumKind medium, Failure *reterr) {
        _cleanup_close_ int from_fd = fd_open_child(folder_fd, name, O_RDONLY | O_NONBLOCK);
        _cleanup_close_ int to_fd = -EBADF;
        _cleanup_free_ char *path = str_printf("boot/%s", name);
        _cleanup_free_ char *to_path = str_printf("%s/boot/%s", media_folder(medium), name);
        int r = !path || !to_path ? -ENOMEM : from_fd;

        if (r >= 0)
                r = media_make_parent(media_folder(medium), path, reterr);
        if (r >= 0) {
                to_fd = open(to_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
                r = to_fd < 0 ? -errno : fd_copy_file(from_fd, to_fd);
        }
        return r < 0 ? failure_default(reterr, r, "kdump's '%s' cannot be put on the medium", name)
                     : 0;
}

int kdump_put(const Build *build, MediumKind medium, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_closedir_ DIR *d = NULL;
        struct dirent *entry;
        int fd, r = 0;

        if (build->kdump == KDUMP_KEEP)
                return 0;
        fd = root_fd < 0 ? -errno : fd_open_in_root(root_fd, "boot", O_RDONLY | O_DIRECTORY, 0);
        if (fd == -ENOENT)
                return 0;
        if (fd >= 0)
                d = fs_opendir(fd);
        if (!d)
                return failure_set_errno(
                                reterr,
                                fd < 0 ? fd : -errno,
                                "The image's /boot cannot be read");
        while (r >= 0 && (entry = fs_readdir(d)))
                if (kdump_needs(&build->kernels, dirfd(d), entry->d_name))
                        r = put_file(dirfd(d), entry->d_name, medium, reterr);
        return r;
}
