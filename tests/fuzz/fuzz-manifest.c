/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The manifest that a worker leaves, as the service reads it. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "service/manifest.h"

static void check_path(const char *path) {
        fuzz_check(*path && *path != '/' && !strstr(path, "//") && !str_has_suffix(path, "/"));
        fuzz_check(!str_equal(path, "..") && strncmp(path, "../", 3) != 0);
        fuzz_check(!strstr(path, "/../") && !str_has_suffix(path, "/.."));
        fuzz_check(!str_equal(path, ".") && str_is_utf8(path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_manifest_ Manifest manifest = {};
        Failure failure = {}, url_failure = {};
        int r = manifest_parse((const char *) data, size, &manifest, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -EIO);
        if (r < 0)
                return 0;
        for (size_t i = 0; i < manifest.n_files; i++) {
                check_path(manifest.files[i].path);
                fuzz_check(manifest_find(&manifest, manifest.files[i].path) == &manifest.files[i]);
                fuzz_check(strlen(manifest.files[i].digest) == DIGEST_SIZE - 1);
                fuzz_check(manifest.files[i].permissions <= 0777);
        }
        r = manifest_check_url(&manifest, "http://192.0.2.1/live", &url_failure);
        fuzz_check_result(r, &url_failure, FUZZ_SENTENCE);
        return 0;
}
