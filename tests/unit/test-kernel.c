/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kernels in made-up roots. A root is a list of paths; one with '/' at its end is a folder. */

#include "tests/lib/test.h"

#include <fcntl.h>

#include "common/buffer.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/kernel.h"

static void make_root(int fd, const char *paths) {
        _cleanup_strv_ char **list = strv_split(paths, " ");

        STRV_FOREACH(path, list) {
                _cleanup_strv_ char **link = strv_split(*path, ">");

                if (link[1])
                        assert_ok(symlinkat(link[1], fd, link[0]));
                else if (str_has_suffix(*path, "/"))
                        assert_ok(fs_mkdir_in_root(fd, *path, 0755));
                else
                        assert_ok(fs_write_in_root(fd, *path, "x", 1, 0644));
        }
}

/* vmlinuz modules initrd(+ when it is there), one kernel after the other, '|' between. */
static char *describe(const Kernels *kernels) {
        Buffer text = {};

        for (size_t i = 0; i < kernels->n_items; i++) {
                const Kernel *kernel = &kernels->items[i];

                assert_ok(
                                buffer_printf(&text,
                                              "%s%s %s %s%s",
                                              i > 0 ? "|" : "",
                                              kernel->vmlinuz,
                                              kernel->modules,
                                              kernel->initrd,
                                              kernel->has_initrd ? "+" : ""));
        }
        return buffer_take(&text);
}

static const struct {
        const char *root;
        const char *kernels;
} rows[] = {
        /* Debian; the link of a merged /usr */
        { "boot/vmlinuz-6.1.0-13-amd64 boot/initrd.img-6.1.0-13-amd64 boot/config-6.1.0-13-amd64 "
          "usr/lib/modules/6.1.0-13-amd64/ lib>usr/lib",
          "boot/vmlinuz-6.1.0-13-amd64 usr/lib/modules/6.1.0-13-amd64 initrd.img-6.1.0-13-amd64+" },
        /* Azure Linux */
        { "boot/vmlinuz-6.6.51.1-5.azl3 boot/initramfs-6.6.51.1-5.azl3.img lib/modules/6.6.51.1-5.azl3/",
          "boot/vmlinuz-6.6.51.1-5.azl3 lib/modules/6.6.51.1-5.azl3 initramfs-6.6.51.1-5.azl3.img+" },
        /* the newest first, by value */
        { "boot/vmlinuz-6.1.0-9-amd64 boot/vmlinuz-6.1.0-13-amd64 "
          "usr/lib/modules/6.1.0-9-amd64/ usr/lib/modules/6.1.0-13-amd64/",
          "boot/vmlinuz-6.1.0-13-amd64 usr/lib/modules/6.1.0-13-amd64 initrd.img-6.1.0-13-amd64|"
          "boot/vmlinuz-6.1.0-9-amd64 usr/lib/modules/6.1.0-9-amd64 initrd.img-6.1.0-9-amd64" },
        /* versions of which one begins like the other */
        { "boot/vmlinuz-6.6.1 boot/vmlinuz-6.6.1+debug boot/initramfs-6.6.1+debug.img "
          "usr/lib/modules/6.6.1/ usr/lib/modules/6.6.1+debug/",
          "boot/vmlinuz-6.6.1+debug usr/lib/modules/6.6.1+debug initramfs-6.6.1+debug.img+|"
          "boot/vmlinuz-6.6.1 usr/lib/modules/6.6.1 initrd.img-6.6.1" },
        /* rescue kernels, kernels that are gone but for their file, other files */
        { "boot/vmlinuz-1 boot/vmlinuz-0-rescue-ab12 boot/vmlinuz-2 boot/vmlinuz boot/.vmlinuz-1.hmac "
          "usr/lib/modules/1/ usr/lib/modules/0-rescue-ab12/",
          "boot/vmlinuz-1 usr/lib/modules/1 initrd.img-1" },
        /* the kernel beside its modules */
        { "boot/ usr/lib/modules/6.8.5-301.fc40/vmlinuz usr/lib/modules/6.8.6/",
          "usr/lib/modules/6.8.5-301.fc40/vmlinuz usr/lib/modules/6.8.5-301.fc40 "
          "initrd.img-6.8.5-301.fc40" },
};

TEST_ROWS(find, ELEMENTSOF(rows)) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        _cleanup_kernels_ Kernels kernels = {};
        _cleanup_free_ char *text = NULL;

        make_root(fd, rows[_i].root);
        assert_ok(kernels_find(fd, &kernels, NULL));
        text = describe(&kernels);
        ck_assert_str_eq(text, rows[_i].kernels);
}

/* Files belong to the kernel of exactly their version; what only begins or ends like one, a rescue
 * kernel, and an initrd that is missing are no reason to mix kernels up. */
TEST(defect_14_kernels_by_exact_version)
{
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        _cleanup_kernels_ Kernels kernels = {};
        _cleanup_free_ char *text = NULL;

        make_root(fd,
                  "boot/vmlinuz-6.6.1 boot/initramfs-6.6.1.img boot/initramfs-6.6.1kdump.img "
                  "boot/vmlinuz-6.6.1+debug boot/System.map-6.6.1+debug "
                  "boot/vmlinuz-6.6.10 boot/initramfs-6.6.10.img "
                  "boot/vmlinuz-0-rescue-6.6.1 boot/initramfs-0-rescue-6.6.1.img "
                  "usr/lib/modules/6.6.1/ usr/lib/modules/6.6.1+debug/ usr/lib/modules/6.6.10/ "
                  "usr/lib/modules/0-rescue-6.6.1/");
        assert_ok(kernels_find(fd, &kernels, NULL));
        text = describe(&kernels);
        ck_assert_str_eq(
                        text,
                        "boot/vmlinuz-6.6.10 usr/lib/modules/6.6.10 initramfs-6.6.10.img+|"
                        "boot/vmlinuz-6.6.1+debug usr/lib/modules/6.6.1+debug initrd.img-6.6.1+debug|"
                        "boot/vmlinuz-6.6.1 usr/lib/modules/6.6.1 initramfs-6.6.1.img+");
}

static const struct {
        const char *root;
        const char *message;
} failure_rows[] = {
        { "etc/",
          "The image has no kernel: there is no '/boot/vmlinuz-VERSION' with a folder '/usr/lib/modules/VERSION'; install a kernel package." },
        { "boot/vmlinuz-1 usr/lib/modules/2/",
          "The image has the kernel '/boot/vmlinuz-1' but not its modules, '/usr/lib/modules/1': install the whole package." },
        { "boot/vmlinuz-1/ usr/lib/modules/1/", "The image has the kernel '/boot/vmlinuz-1' but" },
        { "boot usr/lib/modules/1/", "The image has no kernel" },
};

TEST_ROWS(failures, ELEMENTSOF(failure_rows)) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        Kernels kernels = {};
        Failure failure = {};

        make_root(fd, failure_rows[_i].root);
        assert_errno(kernels_find(fd, &kernels, &failure), -ENOENT);
        assert_failure(&failure, failure_rows[_i].message);
}

TEST(too_many)
{
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        Kernels kernels = {};
        Failure failure = {};

        for (unsigned i = 0; i <= KERNELS_MAX; i++) {
                _cleanup_free_ char *root = str_printf("boot/vmlinuz-%u usr/lib/modules/%u/", i, i);

                make_root(fd, root);
        }
        assert_errno(kernels_find(fd, &kernels, &failure), -E2BIG);
        assert_failure(&failure, "more than 32 kernels");
}

static const struct {
        const char *name, *version;
} name_rows[] = {
        { "vmlinuz-6.1.0-13-amd64", "6.1.0-13-amd64" },
        { "vmlinuz-6.6.1+debug", "6.6.1+debug" },
        { "vmlinuz-0-rescue-0123", NULL },
        { "vmlinuz-", NULL },
        { "vmlinuz", NULL },
        { "vmlinuz--kver", NULL },
        { "vmlinuz-1 2", NULL },
        { "vmlinuz-1;reboot", NULL },
        { "vmlinuz-1\n2", NULL },
        { "vmlinux-1", NULL },
        { ".vmlinuz-1.hmac", NULL },
};

TEST_ROWS(version, ELEMENTSOF(name_rows)) {
        ck_assert_pstr_eq(kernel_version_from_name(name_rows[_i].name), name_rows[_i].version);
}
