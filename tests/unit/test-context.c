/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names in the context, and the digest of its texts. */

#include "tests/lib/test.h"

#include "common/strings.h"
#include "config/context.h"
#include "liveos/context.h"

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

/* The digests as sha256sum has them. */
TEST(digest)
{
        char digest[DIGEST_SIZE];
        ContextTexts texts = { .config = (char[]){ "a" }, .config_size = 1 };

        assert_ok(context_digest(&texts, digest));
        ck_assert_str_eq(
                        digest,
                        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
        texts.sources = (char[]){ "b" };
        texts.sources_size = 1;
        assert_ok(context_digest(&texts, digest));
        ck_assert_str_eq(
                        digest,
                        "bf75fafab8e46555836b92f1b04106b795a9ed36bd39b351f103b28819895f33");
        assert_ok(strv_append(&texts.bases, "c"));
        assert_ok(context_digest(&texts, digest));
        ck_assert_str_eq(
                        digest,
                        "f37d428012ea4d4f30c49ffafec130459331f9cfe3dd3074c05b35c9c04d5ce8");
        texts.sources = NULL;
        assert_ok(context_digest(&texts, digest));
        ck_assert_str_eq(
                        digest,
                        "bb4c615bb987535354d45389c956e12ed8a73fdf08acb1ee0bba10905bc34350");
        strv_free(texts.bases);
}
