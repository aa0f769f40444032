/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The folders of an image, as inspection looks at them: kernels, dracut, loaders, os-release, fstab.
 * Each line makes one thing below the root: `f PATH CONTENT` a file ('|' for a newline), `d PATH` a
 * folder, `l PATH TARGET` a link.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/dracut.h"
#include "liveos/fstab.h"
#include "liveos/kernel.h"
#include "liveos/loader.h"

#define THINGS_MAX 48

static char folder[] = "/dev/shm/pxed-fuzz-XXXXXX";

static void remove_root(void) {
        _cleanup_close_ int fd = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        (void) fs_remove_tree(fd, strrchr(folder, '/') + 1);
}

static int open_root(void) {
        static int fd = -EBADF;

        if (fd >= 0)
                return fd;
        fuzz_check(mkdtemp(folder));
        fuzz_check(atexit(remove_root) == 0);
        fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        fuzz_check(fd >= 0);
        return fd;
}

static void make_file(int root_fd, const char *path, char *content) {
        for (char *s = content; (s = strchr(s, '|')); s++)
                *s = '\n';
        (void) fs_write_in_root(root_fd, path, content, strlen(content), 0755);
}

/* A link in the root; where it leads is the tree's own affair. */
static void make_link(int root_fd, const char *path, const char *target) {
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *above = strndup(path, slash ? (size_t) (slash - path) : 0);
        _cleanup_close_ int above_fd = -EBADF;

        if (!*above || fs_mkdir_in_root(root_fd, above, 0755) < 0)
                return;
        above_fd = fd_open_in_root(root_fd, above, O_PATH | O_DIRECTORY, 0);
        if (above_fd >= 0 && slash[1])
                (void) symlinkat(target, above_fd, slash + 1);
}

static void make_tree(int root_fd, const uint8_t *data, size_t size) {
        for (unsigned i = 0; size > 0 && i < THINGS_MAX; i++) {
                _cleanup_free_ char *line = fuzz_take_line(&data, &size);
                char *rest = line, *kind = strsep(&rest, " "), *path = strsep(&rest, " ");

                if (!path || strlen(path) > 200)
                        continue;
                if (*kind == 'd')
                        (void) fs_mkdir_in_root(root_fd, path, 0755);
                else if (*kind == 'f' && rest)
                        make_file(root_fd, path, rest);
                else if (*kind == 'l' && rest)
                        make_link(root_fd, path, rest);
        }
}

static void inspect_kernels(int root_fd) {
        _cleanup_kernels_ Kernels kernels = {};
        Failure failure = {};
        int r = kernels_find(root_fd, &kernels, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r < 0 || (kernels.n_items > 0 && kernels.n_items <= KERNELS_MAX));
        for (size_t i = 0; i < kernels.n_items; i++)
                fuzz_check(!strchr(kernels.items[i].version, '/') &&
                           !strchr(kernels.items[i].vmlinuz_name, '/') &&
                           !strchr(kernels.items[i].initrd, '/'));
}

static void inspect_dracut(int root_fd, const OsRelease *os) {
        for (unsigned flags = 0; flags <= DRACUT_WITH_NETWORK; flags++) {
                Failure failure = {};
                Dracut dracut = {};
                int r = dracut_inspect(root_fd, os, flags, &dracut, &failure);

                fuzz_check_result(r, &failure, FUZZ_SENTENCE);
                fuzz_check(memchr(dracut.version_text, '\0', sizeof(dracut.version_text)));
        }
}

static void inspect_loaders(int root_fd, const OsRelease *os) {
        _cleanup_strv_ char **paths = NULL;
        _cleanup_loaders_ Loaders loaders = {};
        Failure failure = {};
        int r = loader_list_root(root_fd, &paths, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        if (r < 0)
                return;
        r = loaders_pick(
                        &(LoaderSearch){ .esp_paths = paths,
                                         .root_paths = paths,
                                         .os = os,
                                         .media = 1 << MEDIUM_ISO | 1 << MEDIUM_PXE },
                        &loaders,
                        &failure);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_os_release_ OsRelease os = {};
        _cleanup_fstab_ Fstab fstab = {};
        Failure failure = {}, fstab_failure = {};
        int root_fd = open_root(), r;

        make_tree(root_fd, data, size);
        r = os_release_read(root_fd, &os, &failure);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check_result(
                        fstab_read(root_fd, &fstab, &fstab_failure),
                        &fstab_failure,
                        FUZZ_SENTENCE);
        inspect_kernels(root_fd);
        if (r >= 0) {
                inspect_dracut(root_fd, &os);
                inspect_loaders(root_fd, &os);
        }
        fuzz_check(fs_remove_contents(root_fd) == 0);
        return 0;
}
