/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Finding kernels. A file and a folder of modules belong together when their versions are the same
 * string; a common beginning means nothing (6.6.1 and 6.6.1+debug are two kernels).
 */

#include "liveos/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/version.h"

/* A version ends up in file names, in grub.cfg and in argument vectors. */
static bool is_version(const char *s) {
        static const char
                        first[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                        others[] = "._+~:-";
        size_t n = strlen(s);

        if (n == 0 || n > 128 || !strchr(first, *s))
                return false;
        for (; *s; s++)
                if (!strchr(first, *s) && !strchr(others, *s))
                        return false;
        return true;
}

const char *kernel_version_from_name(const char *name) {
        const char *version = str_after_prefix(name, "vmlinuz-");

        if (!version || !is_version(version) || str_after_prefix(version, "0-rescue-"))
                return NULL;
        return version;
}

static bool is_kind(int root_fd, const char *path, mode_t kind) {
        struct stat st;

        return fs_stat_in_root(root_fd, path, &st) >= 0 && (st.st_mode & S_IFMT) == kind;
}

static void kernel_done(Kernel *kernel) {
        free(kernel->version);
        free(kernel->vmlinuz);
        free(kernel->vmlinuz_name);
        free(kernel->modules);
        free(kernel->initrd);
}
#define _cleanup_kernel_ _cleanup_(kernel_done)

static int find_modules(int root_fd, Kernel *kernel) {
        static const char *const folders[] = { "usr/lib/modules", "lib/modules" };

        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                _cleanup_free_ char *path = str_printf("%s/%s", folders[i], kernel->version);

                if (!path)
                        return -ENOMEM;
                if (!is_kind(root_fd, path, S_IFDIR))
                        continue;
                kernel->modules = TAKE_PTR(path);
                return 1;
        }
        return 0;
}

const char *const kernel_initrd_forms[KERNEL_INITRD_FORMS][2] = {
        { "initrd.img-", "" },
        { "initramfs-", ".img" },
        { "initrd-", "" },
};

static int find_initrd(int root_fd, Kernel *kernel) {
        for (size_t i = 0; i < KERNEL_INITRD_FORMS; i++) {
                _cleanup_free_ char *path = str_printf(
                                "boot/%s%s%s",
                                kernel_initrd_forms[i][0],
                                kernel->version,
                                kernel_initrd_forms[i][1]);

                if (!path)
                        return -ENOMEM;
                if (is_kind(root_fd, path, S_IFREG)) {
                        kernel->has_initrd = true;
                        kernel->initrd = strdup(path + strlen("boot/"));
                        return kernel->initrd ? 0 : -ENOMEM;
                }
        }
        kernel->initrd = str_printf("initrd.img-%s", kernel->version);
        return kernel->initrd ? 0 : -ENOMEM;
}

/* Appends the kernel if it has modules. Returns 1 then. */
static int add_kernel(
                int root_fd,
                const char *version,
                const char *vmlinuz,
                Kernels *kernels,
                Failure *reterr) {
        _cleanup_kernel_ Kernel kernel = { .version = strdup(version),
                                           .vmlinuz = strdup(vmlinuz),
                                           .vmlinuz_name = str_printf("vmlinuz-%s", version) };
        Kernel *items;
        int r;

        if (!kernel.version || !kernel.vmlinuz || !kernel.vmlinuz_name)
                return -ENOMEM;
        if (!is_kind(root_fd, vmlinuz, S_IFREG))
                return 0;
        r = find_modules(root_fd, &kernel);
        if (r > 0 && kernels->n_items == KERNELS_MAX)
                return failure_set(
                                reterr,
                                -E2BIG,
                                "The image has more than %d kernels: remove some of them.",
                                KERNELS_MAX);
        if (r <= 0)
                return r;
        r = find_initrd(root_fd, &kernel);
        if (r < 0)
                return r;
        items = reallocarray(kernels->items, kernels->n_items + 1, sizeof(Kernel));
        if (!items)
                return -ENOMEM;
        items[kernels->n_items++] = kernel;
        kernels->items = items;
        kernel = (Kernel){};
        return 1;
}

/* A missing folder is an empty one. */
static int open_folder(int root_fd, const char *path, DIR **ret, Failure *reterr) {
        int fd = fd_open_in_root(root_fd, path, O_RDONLY | O_DIRECTORY, 0);
        DIR *d;

        if (fd == -ENOENT || fd == -ENOTDIR)
                return 0;
        if (fd < 0)
                return failure_set_errno(
                                reterr,
                                fd,
                                "The image's folder '/%s' cannot be read",
                                path);
        d = fs_opendir(fd);
        if (!d)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "The image's folder '/%s' cannot be read",
                                path);
        *ret = d;
        return 1;
}

/* `*ret_without` gets the name of a kernel that has no modules. */
static int find_in_boot(int root_fd, Kernels *kernels, char **ret_without, Failure *reterr) {
        _cleanup_closedir_ DIR *d = NULL;
        struct dirent *entry;
        int r = open_folder(root_fd, "boot", &d, reterr);

        if (r <= 0)
                return r;
        while ((entry = fs_readdir(d))) {
                const char *version = kernel_version_from_name(entry->d_name);
                _cleanup_free_ char *path = str_printf("boot/%s", entry->d_name);

                if (!path)
                        return -ENOMEM;
                if (!version)
                        continue;
                r = add_kernel(root_fd, version, path, kernels, reterr);
                if (r < 0)
                        return r;
                if (r == 0 && !*ret_without)
                        *ret_without = strdup(version);
        }
        return errno > 0 ? -errno : 0;
}

/* Where distributions keep the kernel beside its modules and copy it only when it is installed. */
static int find_in_modules(int root_fd, Kernels *kernels, Failure *reterr) {
        _cleanup_closedir_ DIR *d = NULL;
        struct dirent *entry;
        int r = open_folder(root_fd, "usr/lib/modules", &d, reterr);

        if (r <= 0)
                return r;
        while ((entry = fs_readdir(d))) {
                _cleanup_free_ char *path = str_printf("usr/lib/modules/%s/vmlinuz", entry->d_name);

                if (!path)
                        return -ENOMEM;
                if (!is_version(entry->d_name))
                        continue;
                r = add_kernel(root_fd, entry->d_name, path, kernels, reterr);
                if (r < 0)
                        return r;
        }
        return errno > 0 ? -errno : 0;
}

static int compare_kernels(const void *a, const void *b) {
        const char *x = ((const Kernel *) a)->version, *y = ((const Kernel *) b)->version;
        int r = version_compare(y, x);

        /* Versions that mean the same must not come in the order of the folder. */
        return r != 0 ? r : strcmp(y, x);
}

static int no_kernel(const char *without, Failure *reterr) {
        if (without)
                return failure_set(
                                reterr,
                                -ENOENT,
                                "The image has the kernel '/boot/vmlinuz-%s' but not its modules, '/usr/lib/modules/%s': install the whole package.",
                                without,
                                without);
        return failure_set(
                        reterr,
                        -ENOENT,
                        "The image has no kernel: there is no '/boot/vmlinuz-VERSION' with a folder '/usr/lib/modules/VERSION'; install a kernel package.");
}

int kernels_find(int root_fd, Kernels *ret, Failure *reterr) {
        _cleanup_kernels_ Kernels kernels = {};
        _cleanup_free_ char *without = NULL;
        int r = find_in_boot(root_fd, &kernels, &without, reterr);

        if (r >= 0 && kernels.n_items == 0)
                r = find_in_modules(root_fd, &kernels, reterr);
        if (r < 0)
                return failure_default(reterr, r, "The kernels of the image cannot be listed");
        if (kernels.n_items == 0)
                return no_kernel(without, reterr);
        qsort(kernels.items, kernels.n_items, sizeof(Kernel), compare_kernels);
        *ret = kernels;
        kernels = (Kernels){};
        return 0;
}

void kernels_done(Kernels *kernels) {
        for (size_t i = 0; i < kernels->n_items; i++)
                kernel_done(&kernels->items[i]);
        free(kernels->items);
        *kernels = (Kernels){};
}
