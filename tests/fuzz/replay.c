/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * main() of a fuzz target that has no fuzzer: feeds it every file of the folder that is its argument
 * and prints TAP. The file that a target dies of is the one behind the last that is said to be well.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fs.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX_BYTES (4U * 1024U * 1024U)

static int is_visible(const struct dirent *entry) {
        return entry->d_name[0] != '.';
}

static int feed(int folder_fd, const char *name) {
        _cleanup_free_ char *data = NULL, *exact = NULL;
        size_t size = 0;

        fuzz_check(fs_read_in_root(folder_fd, name, INPUT_MAX_BYTES, &data, &size) == 0);
        exact = malloc(size + (size == 0));
        fuzz_check(exact);
        memcpy(exact, data, size);
        return LLVMFuzzerTestOneInput((const uint8_t *) exact, size);
}

/* What a target prints is no TAP; this still is. */
static FILE *divert_output(void) {
        FILE *tap = fdopen(dup(STDOUT_FILENO), "w");

        fuzz_check(tap && setvbuf(tap, NULL, _IOLBF, 0) == 0);
        fuzz_check(freopen("/dev/null", "w", stdout));
        return tap;
}

int main(int argc, char **argv) {
        _cleanup_close_ int folder_fd = -EBADF;
        struct dirent **entries;
        FILE *tap;
        int n;

        if (argc != 2) {
                fprintf(stderr, "Usage: %s FOLDER\n", argv[0]);
                return EXIT_FAILURE;
        }
        folder_fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        n = scandir(argv[1], &entries, is_visible, alphasort);
        if (folder_fd < 0 || n <= 0) {
                printf("Bail out! There is nothing in %s\n", argv[1]);
                return EXIT_FAILURE;
        }
        tap = divert_output();
        fprintf(tap, "1..%d\n", n);
        for (int i = 0; i < n; i++) {
                fuzz_check(feed(folder_fd, entries[i]->d_name) == 0);
                fprintf(tap, "ok %d - %s\n", i + 1, entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
        return fclose(tap) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
