/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Paths in base configs. */

#include "tests/lib/test.h"

#include "config/config-path.h"

static const struct {
        const char *folder, *path, *joined;
} joins[] = {
        { "", "a", "a" },
        { "", "./a//b", "a/b" },
        { "sub", "a", "sub/a" },
        { "sub", "../a", "a" },
        { "sub/deep", "../../../a", "../a" },
        { "../shared", "../a", "../a" },
        { "../..", "../a", "../../../a" },
        { "sub", "b/../c", "sub/c" },
        { "sub", "/a/./b", "/a/b" },
        { "/srv", "a", "/srv/a" },
        { "/srv", "../../a", "/a" },
        { "/", "a", "/a" },
        { "", "..", ".." },
        { "a", "..", "" },
};

TEST_ROWS(join, ELEMENTSOF(joins)) {
        _cleanup_free_ char *joined = config_path_join(joins[_i].folder, joins[_i].path);

        ck_assert_str_eq(joined, joins[_i].joined);
}

static const struct {
        const char *path, *folder;
} folders[] = {
        { "a", "" },   { "a/b", "a" },   { "a/b/c", "a/b" },
        { "/a", "/" }, { "../a", ".." }, { "", "" },
};

TEST_ROWS(folder, ELEMENTSOF(folders)) {
        _cleanup_free_ char *folder = config_path_folder(folders[_i].path);

        ck_assert_str_eq(folder, folders[_i].folder);
}
