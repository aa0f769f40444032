/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An initramfs, unpacked: whatever is in it, nothing appears or changes outside of its folder, which has a
 * neighbour to be tempted by.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fd.h"
#include "common/fs.h"

#define ENTRIES_MAX 64U
#define NEIGHBOUR   "neighbour"
#define INSIDE      "inside"

static char top[] = "/dev/shm/pxed-fuzz-XXXXXX";
static int top_fd = -EBADF;

static void remove_top(void) {
        _cleanup_close_ int fd = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        (void) fs_remove_tree(fd, strrchr(top, '/') + 1);
}

static void prepare(void) {
        if (top_fd >= 0)
                return;
        fuzz_check(mkdtemp(top));
        fuzz_check(atexit(remove_top) == 0);
        top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        fuzz_check(top_fd >= 0);
        fuzz_check(fs_write_in_root(top_fd, NEIGHBOUR, "safe", 4, 0644) == 0);
}

static void check_outside(void) {
        _cleanup_closedir_ DIR *d = NULL;
        _cleanup_free_ char *text = NULL;
        struct dirent *entry;
        size_t size, n = 0;

        fuzz_check(fs_read_in_root(top_fd, NEIGHBOUR, 16, &text, &size) == 0);
        fuzz_check(size == 4 && memcmp(text, "safe", 4) == 0);
        d = fs_opendir(openat(top_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        fuzz_check(d);
        while ((entry = fs_readdir(d)))
                n++;
        fuzz_check(n == 2);
}

static void note_node(void *userdata, const char *path) {
        fuzz_check(path && ++*(unsigned *) userdata <= ENTRIES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const ArchiveLimits limits = { .max_bytes = 1024U * 1024U,
                                              .max_entries = ENTRIES_MAX };
        _cleanup_close_ int folder_fd = -EBADF;
        const ArchivePlace place = { .fd = fuzz_file(data, size), .size_bytes = size };
        _cleanup_free_ char *text = NULL;
        Failure failure = {};
        unsigned n_nodes = 0;
        int r;

        prepare();
        fuzz_check(mkdirat(top_fd, INSIDE, 0755) == 0);
        folder_fd = openat(top_fd, INSIDE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = archive_unpack_initramfs(&place, &limits, folder_fd, note_node, &n_nodes, &failure);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        check_outside();
        fuzz_check(fs_remove_tree(top_fd, INSIDE) == 0);
        failure = (Failure){};
        r = archive_find_in_initramfs(&place, &limits, "kernel/m", &text, &failure);
        if (r != -ENOENT)
                fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        return 0;
}
