/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which manager an image has, and that each is asked without a question of its own. */

#include "tests/lib/test.h"

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/package-manager.h"

static const struct {
        const char *files[4];
        const char *name; /* NULL: none */
} images[] = {
        { { NULL }, NULL },
        { { "usr/bin/apt-get", "var/lib/dpkg/status" }, "apt-get" },
        { { "usr/bin/apt-get" }, NULL },
        { { "usr/bin/apt-get", "usr/bin/dnf" }, "dnf" },
        { { "usr/bin/apt-get", "var/lib/dpkg/status", "usr/bin/dnf" }, "apt-get" },
        { { "usr/bin/dnf" }, "dnf" },
        { { "usr/bin/tdnf" }, "tdnf" },
        { { "usr/bin/dnf", "usr/bin/tdnf" }, "tdnf" },
        { { "usr/bin/zypper" }, NULL },
        { { "usr/bin/dnf/folder" }, NULL },
};

TEST_ROWS(found_by_its_files, ELEMENTSOF(images)) {
        const PackageManager *manager;
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);

        for (size_t i = 0; images[_i].files[i]; i++)
                assert_ok(fs_write_in_root(fd, images[_i].files[i], "", 0, 0755));
        manager = package_manager_find(fd);
        ck_assert_pstr_eq(manager ? manager->name : NULL, images[_i].name);
}

static const char *const programs[] = { "usr/bin/apt-get", "usr/bin/tdnf", "usr/bin/dnf" };

TEST_ROWS(every_verb_has_words, ELEMENTSOF(programs)) {
        static const PackageVerb changing[] = { PACKAGE_REMOVE,
                                                PACKAGE_UPDATE_ALL,
                                                PACKAGE_INSTALL,
                                                PACKAGE_UPDATE };
        char *names[] = { (char *) "one", (char *) "two", NULL };
        const PackageManager *manager;
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);

        assert_ok(fs_write_in_root(fd, programs[_i], "", 0, 0755));
        assert_ok(fs_write_in_root(fd, "var/lib/dpkg/status", "", 0, 0644));
        manager = package_manager_find(fd);
        ck_assert_ptr_nonnull(manager);
        for (size_t i = 0; i < ELEMENTSOF(changing); i++) {
                _cleanup_strv_ char **argv = NULL;
                size_t n;

                assert_ok(package_manager_argv(manager, changing[i], names, &argv));
                n = strv_length(argv);
                ck_assert_str_eq(argv[0], manager->name);
                ck_assert(strv_contains(argv, "-y"));
                ck_assert_str_eq(argv[n - 2], "one");
                ck_assert_str_eq(argv[n - 1], "two");
        }
        ck_assert_ptr_nonnull(manager->verbs[PACKAGE_REFRESH]);
        ck_assert_ptr_nonnull(manager->verbs[PACKAGE_IS_INSTALLED]);
        ck_assert_ptr_nonnull(manager->verbs[PACKAGE_IS_KNOWN]);
}

TEST(names_of_all)
{
        _cleanup_free_ char *names = package_manager_names();

        ck_assert_str_eq(names, "apt-get, tdnf and dnf");
}
