/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What an image can put in the place of a file or folder that our own code touches: for each path and
 * each kind, every function that reads or writes an image's tree ends, and the host's files, to which
 * the links lead, see nobody. The same with a real build is in tests/bus/test-e2e-escape.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/arch.h"
#include "liveos/bls.h"
#include "liveos/customize-files.h"
#include "liveos/dracut.h"
#include "liveos/fstab.h"
#include "liveos/kernel.h"
#include "liveos/loader.h"
#include "liveos/os-release.h"
#include "tests/lib/test.h"

#define PATIENCE_SECONDS 20
#define NOTICED          (IN_OPEN | IN_ACCESS | IN_MODIFY | IN_CREATE | IN_ATTRIB)

typedef enum Kind {
        KIND_ABSOLUTE_LINK,
        KIND_CLIMBING_LINK,
        KIND_DANGLING_LINK,
        KIND_FIFO,
        KIND_DEVICE,
        KIND_FOLDER,
        _KIND_MAX,
} Kind;

static const char *const files[] = {
        "etc/os-release",
        "usr/lib/os-release",
        "etc/fstab",
        "etc/hostname",
        "etc/motd",
        "boot/vmlinuz-1",
        "boot/initrd.img-1",
        "boot/grub2/grub.cfg",
        "boot/grub2/grubenv",
        "boot/loader/entries/1.conf",
        "boot/efi/EFI/BOOT/bootx64.efi",
        "usr/lib/modules/1/vmlinuz",
        "usr/lib/modules/1/modules.dep",
        "usr/lib/shim/shimx64.efi.signed",
        "usr/lib/dracut/dracut-version.sh",
        "usr/lib/dracut/modules.d/45livenet/module-setup.sh",
        "usr/lib/systemd/systemd",
        "usr/bin/sh",
        "usr/bin/dracut",
        "usr/bin/setcap",
};

static const char *const folders[] = {
        "etc",
        "boot",
        "boot/efi",
        "boot/efi/EFI",
        "boot/grub2",
        "boot/loader",
        "boot/loader/entries",
        "usr",
        "usr/bin",
        "usr/lib",
        "usr/lib/modules",
        "usr/lib/modules/1",
        "usr/lib/shim",
        "usr/lib/dracut",
        "usr/lib/dracut/modules.d",
        "usr/lib/dracut/modules.d/45livenet",
};

typedef struct Lab {
        char *folder;
        int folder_fd;
        int image_fd;
        int watch_fd; /* notices whoever looks at the host's file or folder */
} Lab;

static void make_file(int folder_fd, const char *path, const char *text) {
        assert_ok(fs_write_in_root(folder_fd, path, text, strlen(text), 0644));
}

static void make_image(Lab *lab) {
        ck_assert_int_eq(mkdirat(lab->folder_fd, "image", 0755), 0);
        lab->image_fd = openat(lab->folder_fd, "image", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(lab->image_fd, 0);
        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                make_file(lab->image_fd, files[i], "ID=image\nDRACUT_VERSION=102\n");
}

static void watch(const Lab *lab, const char *name) {
        _cleanup_free_ char *path = str_printf("%s/%s", lab->folder, name);

        ck_assert_int_ge(inotify_add_watch(lab->watch_fd, path, NOTICED), 0);
}

static void lab_init(Lab *lab) {
        *lab = (Lab){};
        lab->folder = test_folder_new(&lab->folder_fd);
        make_file(lab->folder_fd, "host/file", "ID=host\nDRACUT_VERSION=999\n");
        make_file(lab->folder_fd, "host/vmlinuz-9", "host");
        make_file(lab->folder_fd, "host/os-release", "ID=host\n");
        make_image(lab);
        lab->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        ck_assert_int_ge(lab->watch_fd, 0);
        watch(lab, "host");
        watch(lab, "host/file");
}

static void lab_done(Lab *lab) {
        (void) close(lab->watch_fd);
        (void) close(lab->image_fd);
        (void) close(lab->folder_fd);
        test_folder_remove(&lab->folder);
}
#define _cleanup_lab_ _cleanup_(lab_done)

static bool has_noticed(const Lab *lab) {
        char events[4096];

        return read(lab->watch_fd, events, sizeof(events)) > 0;
}

static void link_to_host(const Lab *lab, const char *path, const char *name, bool climbing) {
        _cleanup_free_ char *target = str_printf(
                        "%s%s/host%s",
                        climbing ? "../../../../../../../../../.." : "",
                        lab->folder,
                        name);

        ck_assert_int_eq(symlinkat(target, lab->image_fd, path), 0);
}

/* `name` is what a link of the host's would be to: the folder "", or a file in it. */
static void plant(const Lab *lab, const char *path, const char *name, Kind kind) {
        _cleanup_free_ char *parent = strdup(path);
        _cleanup_close_ int parent_fd = -EBADF;
        char *slash = strrchr(parent, '/');

        if (slash)
                *slash = '\0';
        parent_fd = fd_open_beneath(lab->image_fd, slash ? parent : ".", O_RDONLY, 0);
        ck_assert_int_ge(parent_fd, 0);
        assert_ok(fs_remove_tree(parent_fd, slash ? slash + 1 : path));
        if (kind <= KIND_CLIMBING_LINK)
                link_to_host(lab, path, name, kind == KIND_CLIMBING_LINK);
        else if (kind == KIND_DANGLING_LINK)
                ck_assert_int_eq(symlinkat("nowhere/there", lab->image_fd, path), 0);
        else if (kind == KIND_FIFO)
                ck_assert_int_eq(mkfifoat(lab->image_fd, path, 0666), 0);
        else if (kind == KIND_DEVICE)
                ck_assert_int_eq(mknodat(lab->image_fd, path, S_IFCHR | 0666, makedev(1, 5)), 0);
        else
                ck_assert_int_eq(mkdirat(lab->image_fd, path, 0755), 0);
}

static void look_at_system(int root_fd) {
        _cleanup_os_release_ OsRelease os = {};
        _cleanup_fstab_ Fstab fstab = {};
        Failure failure = {};
        Dracut dracut = {};
        Arch arch;

        if (os_release_read(root_fd, &os, &failure) >= 0) {
                ck_assert_str_ne(os.id, "host");
                (void) dracut_inspect(root_fd, &os, DRACUT_WITH_NETWORK, &dracut, &failure);
                ck_assert_uint_ne(dracut.version, 999);
        }
        (void) fstab_read(root_fd, &fstab, &failure);
        (void) arch_read(root_fd, &arch, &failure);
}

static void look_at_boot(int root_fd) {
        _cleanup_bls_entries_ BlsEntries entries = {};
        _cleanup_kernels_ Kernels kernels = {};
        _cleanup_strv_ char **paths = NULL;
        _cleanup_free_ char *text = NULL;
        Failure failure = {};
        size_t size;

        if (kernels_find(root_fd, &kernels, &failure) >= 0)
                ck_assert_str_eq(kernels.items[0].version, "1");
        (void) loader_list_root(root_fd, &paths, &failure);
        (void) bls_entries_read(root_fd, &entries, &failure);
        (void) bls_is_used(root_fd);
        (void) fs_read_in_root(root_fd, "boot/grub2/grub.cfg", PATH_MAX, &text, &size);
}

static void change_files(int root_fd) {
        ConfigFile file = { .destination = (char *) "/etc/motd", .content = (char *) "hello\n" };
        Failure failure = {};

        (void) customize_put_file(root_fd, &file, &failure);
        (void) fs_write_in_root(root_fd, "etc/hostname", "live\n", 5, 0644);
        (void) fs_mkdir_in_root(root_fd, "boot/grub2/new", 0755);
}

static void try_path(const char *path, const char *name) {
        for (Kind kind = 0; kind < _KIND_MAX; kind++) {
                _cleanup_lab_ Lab lab = {};

                lab_init(&lab);
                plant(&lab, path, name, kind);
                (void) has_noticed(&lab);
                (void) alarm(PATIENCE_SECONDS);
                look_at_system(lab.image_fd);
                look_at_boot(lab.image_fd);
                change_files(lab.image_fd);
                (void) alarm(0);
                ck_assert_msg(!has_noticed(&lab), "%s, kind %u: the host was touched", path, kind);
        }
}

TEST_ROWS(symlink_escape_by_file, ELEMENTSOF(files)) {
        try_path(files[_i], "/file");
}

TEST_ROWS(symlink_escape_by_folder, ELEMENTSOF(folders)) {
        try_path(folders[_i], "");
}

/* The control: who opens by path comes to the host's file, on both ways. */
TEST(symlink_escape_works_by_path)
{
        for (Kind kind = KIND_ABSOLUTE_LINK; kind <= KIND_CLIMBING_LINK; kind++) {
                _cleanup_close_ int fd = -EBADF;
                _cleanup_lab_ Lab lab = {};

                lab_init(&lab);
                plant(&lab, "etc/os-release", "/file", kind);
                (void) has_noticed(&lab);
                fd = openat(lab.image_fd, "etc/os-release", O_RDONLY | O_CLOEXEC);
                ck_assert_int_ge(fd, 0);
                ck_assert(has_noticed(&lab));
        }
}
