/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names in the context. */

#include "tests/lib/test.h"

#include "config/context.h"

static const struct {
        const char *path, *name;
} names[] = {
        { "a", "files/a" },
        { "a/b.txt", "files/a/b.txt" },
        { "./a//b/./c", "files/a/b/c" },
        { "config.yaml", "files/config.yaml" },
        { "..a/b..", "files/..a/b.." },
        { "/etc/passwd", "outside/7" },
        { "../a", "outside/7" },
        { "a/../b", "outside/7" },
        { "a/..", "outside/7" },
        { ".", "outside/7" },
        { "", "outside/7" },
        { "/", "outside/7" },
};

TEST_ROWS(names, ELEMENTSOF(names)) {
        _cleanup_free_ char *name = context_entry_name(names[_i].path, 7);

        ck_assert_str_eq(name, names[_i].name);
}
