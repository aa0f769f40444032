/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/manifest.h"

#include "config/artifact.h"
#include "tests/lib/test.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FILE_(p) \
        "{\"path\": \"" p "\", \"size\": 3, \"permissions\": \"0640\", \"sha256\": \"" DIGEST "\"}"
#define MODE_(m) "{\"path\": \"a\", \"size\": 3, " m "\"sha256\": \"" DIGEST "\"}"
#define FILES(f) "{\"version\": 1, \"files\": [" f "]}"
#define PXE(url) "{\"bootstrapUrl\": " url ", \"files\": [" FILE_("pxe/http/image.iso") "]}"

static int parse(const char *text, Manifest *ret, Failure *reterr) {
        return manifest_parse(text, strlen(text), ret, reterr);
}

TEST(manifest)
{
        _cleanup_manifest_ Manifest manifest = {};

        assert_ok(parse(FILES(FILE_("b/c") "," FILE_("a")), &manifest, NULL));
        ck_assert_uint_eq(manifest.n_files, 3);
        ck_assert_str_eq(manifest.files[0].path, "a");
        ck_assert_uint_eq(manifest.files[0].size_bytes, 3);
        ck_assert_str_eq(manifest.files[0].digest, DIGEST);
        ck_assert_uint_eq(manifest.files[0].permissions, 0640);
        ck_assert_uint_eq(manifest.files[2].permissions, 0644);
        ck_assert_str_eq(manifest.files[2].path, ARTIFACT_MANIFEST);
        ck_assert_uint_eq(manifest.files[2].size_bytes, strlen(FILES(FILE_("b/c") "," FILE_("a"))));
        ck_assert_ptr_nonnull(manifest_find(&manifest, "b/c"));
        ck_assert_ptr_null(manifest_find(&manifest, "b"));
        ck_assert_ptr_null(manifest.bootstrap_url);
        ck_assert(!manifest_has_pxe(&manifest));
}

static const char *const bad_manifests[] = {
        "",
        "{",
        "{\"files\": []}",
        "{\"files\": {}}",
        FILES("1"),
        FILES(FILE_("")),
        FILES(FILE_("/a")),
        FILES(FILE_("../a")),
        FILES(FILE_("a/..")),
        FILES(FILE_("a/./b")),
        FILES(FILE_("a//b")),
        FILES(FILE_("a/")),
        FILES(FILE_("a\\u0007")),
        FILES(FILE_("a") "," FILE_("a")),
        FILES(FILE_(ARTIFACT_MANIFEST)),
        "{\"files\": [" FILE_("a") "], \"files\": [" FILE_("b") "]}",
        FILES("{\"path\": \"a\", \"size\": -1, \"sha256\": \"" DIGEST "\"}"),
        FILES("{\"path\": \"a\", \"size\": 1, \"sha256\": \"x\"}"),
        FILES("{\"path\": \"a\", \"size\": 1}"),
        FILES(MODE_("")),
        FILES(MODE_("\"permissions\": null, ")),
        FILES(MODE_("\"permissions\": \"\", ")),
        FILES(MODE_("\"permissions\": \"4755\", ")),
        FILES(MODE_("\"permissions\": \"1000\", ")),
        FILES(MODE_("\"permissions\": \"0648\", ")),
        FILES(MODE_("\"permissions\": \"-644\", ")),
        FILES(MODE_("\"permissions\": \"rw-r--r--\", ")),
        FILES(MODE_("\"permissions\": \"00000000644\", ")),
};

TEST_ROWS(bad_manifests, ELEMENTSOF(bad_manifests)) {
        Manifest manifest = {};
        Failure failure = {};

        assert_errno(parse(bad_manifests[_i], &manifest, &failure), -EIO);
        ck_assert_str_ne(failure.message, "");
}

static const struct {
        const char *manifest;
        const char *url;
        int result;
} targets[] = {
        { PXE("null"), "http://h", 0 },
        { PXE("\"http://h/image.iso\""), "http://h", 0 },
        { PXE("\"http://h/image.iso\""), "http://h/live", -ENOPKG },
        { PXE("\"http://h2/image.iso\""), "http://h", -ENOPKG },
        { PXE("\"http://h/other.iso\""), "http://h", -ENOPKG },
        { PXE("\"http://h\""), "http://h", -ENOPKG },
        { FILES(FILE_("image.iso")), "http://h", -ENOPKG },
};

TEST_ROWS(targets, ELEMENTSOF(targets)) {
        _cleanup_manifest_ Manifest manifest = {};
        Failure failure = {};

        assert_ok(parse(targets[_i].manifest, &manifest, NULL));
        assert_errno(manifest_check_url(&manifest, targets[_i].url, &failure), targets[_i].result);
}
