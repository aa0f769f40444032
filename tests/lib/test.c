/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* main() of every test binary: runs what has registered itself and prints TAP. */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "common/fs.h"
#include "common/strings.h"

#define TESTS_MAX 256

static struct {
        const char *name;
        const TTest *test;
        size_t n_rows;
} tests[TESTS_MAX];
static size_t n_tests;

void test_register(const char *name, const TTest *test, size_t n_rows) {
        if (n_tests == TESTS_MAX)
                abort();
        tests[n_tests].name = name;
        tests[n_tests].test = test;
        tests[n_tests++].n_rows = n_rows;
}

void test_skip_all(const char *reason) {
        printf("1..0 # SKIP %s\n", reason);
        exit(0);
}

char *test_folder_new(int *ret_fd) {
        const char *base = getenv("TMPDIR");
        char *folder = str_printf("%s/pxed-test-XXXXXX", base ? base : "/tmp");

        ck_assert_ptr_nonnull(folder);
        ck_assert_ptr_nonnull(mkdtemp(folder));
        *ret_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(*ret_fd, 0);
        return folder;
}

void test_folder_remove(char **folder) {
        _cleanup_close_ int fd = -EBADF;
        char *slash;

        if (!*folder)
                return;
        slash = strrchr(*folder, '/');
        *slash = '\0';
        fd = open(*folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        (void) fs_remove_tree(fd, slash + 1);
        free(*folder);
}

int test_file(const void *data, size_t size) {
        int fd = memfd_create("test", MFD_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, data, size), (ssize_t) size);
        ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
        return fd;
}

int main(int argc _unused_, char **argv) {
        const char *slash = strrchr(argv[0], '/');
        Suite *suite = suite_create(slash ? slash + 1 : argv[0]);
        SRunner *runner = srunner_create(suite);
        int failed;

        for (size_t i = 0; i < n_tests; i++) {
                TCase *tcase = tcase_create(tests[i].name);

                tcase_set_timeout(tcase, 60);
                if (tests[i].n_rows > 0)
                        tcase_add_loop_test(tcase, tests[i].test, 0, (int) tests[i].n_rows);
                else
                        tcase_add_test(tcase, tests[i].test);
                suite_add_tcase(suite, tcase);
        }
        srunner_set_tap(runner, "-");
        srunner_run_all(runner, CK_SILENT);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
