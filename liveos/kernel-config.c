/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The needs as a table. A configuration tells most. Without it, the lists of modules tell of what could
 * be a module; the rest is left to the boot.
 */

#include "liveos/kernel-config.h"

#include <errno.h>
#include <string.h>

#include "common/fs.h"
#include "common/strings.h"

#define TEXT_MAX_BYTES (16U * 1024U * 1024U)

/* For whom a need is one. */
typedef enum NeedFlags {
        NEED_BOOTSTRAP = 1 << 0,
        NEED_FULL_OS = 1 << 1,
        NEED_BOTH = NEED_BOOTSTRAP | NEED_FULL_OS,
} NeedFlags;

/* Kconfig's symbols, see Documentation/admin-guide/README.rst and the Kconfig files of Linux. */
static const struct {
        const char *symbol;
        const char *module;     /* its name where it can be one; NULL: it has to be built in */
        const char *compressor; /* needed with this compressor of the squashfs alone; NULL: always */
        NeedFlags flags;
        const char *what;
} table[] = {
        { "CONFIG_BLK_DEV_INITRD", NULL, NULL, NEED_BOTH, "an initrd" },
        { "CONFIG_RD_ZSTD", NULL, NULL, NEED_BOTH, "an initrd compressed by zstd" },
        { "CONFIG_DEVTMPFS", NULL, NULL, NEED_BOTH, "devtmpfs" },
        { "CONFIG_TMPFS", NULL, NULL, NEED_BOTH, "tmpfs" },
        { "CONFIG_OVERLAY_FS", "overlay", NULL, NEED_BOOTSTRAP, "overlayfs" },
        { "CONFIG_BLK_DEV_LOOP", "loop", NULL, NEED_BOOTSTRAP, "loop devices" },
        { "CONFIG_ISO9660_FS", "isofs", NULL, NEED_BOOTSTRAP, "ISO 9660" },
        { "CONFIG_SQUASHFS", "squashfs", NULL, NEED_BOOTSTRAP, "squashfs" },
        { "CONFIG_SQUASHFS_ZSTD", NULL, "zstd", NEED_BOOTSTRAP, "squashfs with zstd" },
        { "CONFIG_SQUASHFS_ZLIB", NULL, "gzip", NEED_BOOTSTRAP, "squashfs with gzip" },
        { "CONFIG_SQUASHFS_XZ", NULL, "xz", NEED_BOOTSTRAP, "squashfs with xz" },
        { "CONFIG_SQUASHFS_LZ4", NULL, "lz4", NEED_BOOTSTRAP, "squashfs with lz4" },
        { "CONFIG_SQUASHFS_LZO", NULL, "lzo", NEED_BOOTSTRAP, "squashfs with lzo" },
};

/* 'y', 'm', or 'n' for all else; 0 without a configuration. */
static char configured(const char *config, const char *symbol) {
        size_t size = strlen(symbol);

        for (const char *line = config; line && *line;) {
                const char *end = strchrnul(line, '\n');

                if (strncmp(line, symbol, size) == 0 && line[size] == '=')
                        return line[size + 1] == 'y' || line[size + 1] == 'm' ? line[size + 1]
                                                                              : 'n';
                line = *end ? end + 1 : end;
        }
        return config ? 'n' : '\0';
}

/* Lines like "kernel/fs/squashfs/squashfs.ko.xz: …"; in the name, - and _ are the same to modprobe, but
 * none of ours has one. */
static bool lists_module(const char *list, const char *module) {
        size_t size = strlen(module);

        for (const char *p = list; p && (p = strstr(p, module)); p += size)
                if (p > list && p[-1] == '/' && strncmp(p + size, ".ko", 3) == 0)
                        return true;
        return false;
}

static bool is_missing(const KernelConfigFacts *facts, const char *symbol, const char *module) {
        switch (configured(facts->config, symbol)) {
        case 'y':
                return false;
        case 'm':
                return !module || (facts->modules && !lists_module(facts->modules, module));
        case 'n':
                return true;
        default:
                return module && facts->modules && facts->modules_built_in &&
                       !lists_module(facts->modules, module) &&
                       !lists_module(facts->modules_built_in, module);
        }
}

int kernel_config_find_missing(
                const KernelConfigFacts *facts,
                const KernelConfigNeeds *needs,
                char ***missing) {
        const NeedFlags flag = needs->is_full_os ? NEED_FULL_OS : NEED_BOOTSTRAP;
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(table) && r >= 0; i++) {
                if (!(table[i].flags & flag) ||
                    (table[i].compressor && !str_equal(table[i].compressor, needs->compressor)) ||
                    !is_missing(facts, table[i].symbol, table[i].module))
                        continue;
                r = strv_append_take(
                                missing,
                                str_printf("%s (%s)", table[i].what, table[i].symbol));
        }
        return r;
}

/* NULL when it is not there: then nothing is known by it. */
static int read_text(int root_fd, char *take_path, char **ret, Failure *reterr) {
        _cleanup_free_ char *path = take_path;
        size_t size;
        int r = path ? fs_read_in_root(root_fd, path, TEXT_MAX_BYTES, ret, &size) : -ENOMEM;

        if (r == -ENOENT || r == -ENOTDIR || r == -EISDIR) {
                *ret = NULL;
                return 0;
        }
        return r < 0 ? failure_set_errno(reterr, r, "The image's /%s cannot be read", path ?: "")
                     : 0;
}

/* Debian keeps it in /boot, Fedora with the modules, Azure Linux in both. */
static int read_config(int root_fd, const Kernel *kernel, char **ret, Failure *reterr) {
        int r = read_text(root_fd, str_printf("boot/config-%s", kernel->version), ret, reterr);

        if (r < 0 || *ret)
                return r;
        return read_text(root_fd, str_printf("%s/config", kernel->modules), ret, reterr);
}

int kernel_config_check(
                int root_fd,
                const Kernel *kernel,
                const KernelConfigNeeds *needs,
                Failure *reterr) {
        _cleanup_free_ char *config = NULL, *modules = NULL, *built_in = NULL, *list = NULL;
        _cleanup_strv_ char **missing = NULL;
        int r = read_config(root_fd, kernel, &config, reterr);

        if (r >= 0)
                r = read_text(root_fd,
                              str_printf("%s/modules.dep", kernel->modules),
                              &modules,
                              reterr);
        if (r >= 0)
                r = read_text(root_fd,
                              str_printf("%s/modules.builtin", kernel->modules),
                              &built_in,
                              reterr);
        if (r >= 0)
                r = kernel_config_find_missing(
                                &(KernelConfigFacts){ config, modules, built_in },
                                needs,
                                &missing);
        if (r < 0 || !missing)
                return r;
        list = strv_join(missing, ", ");
        return failure_set(
                        reterr,
                        -ENOPKG,
                        "The image's kernel %s cannot start a %s Live OS, it knows nothing of: %s. Install another kernel in the image%s.",
                        kernel->version,
                        needs->is_full_os ? "full-os" : "bootstrap",
                        list ? list : "",
                        needs->is_full_os
                                        ? ""
                                        : ", or choose what it knows (--compressor, initramfsType: full-os)");
}
