/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* os-release of the image. */

#include "tests/fuzz/fuzz.h"

#include "common/strings.h"
#include "liveos/os-release.h"

static void check_line(const char *s) {
        fuzz_check(str_is_utf8(s));
        for (; *s; s++)
                fuzz_check((unsigned char) *s >= 0x20 && *s != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_string(data, size);
        _cleanup_os_release_ OsRelease os = {};

        fuzz_check(os_release_parse(text, &os) == 0);
        fuzz_check(!str_is_empty(os.id) && !str_is_empty(os.pretty_name));
        fuzz_check(os.family >= 0 && os.family < _FAMILY_MAX);
        check_line(os.pretty_name);
        check_line(os.id);
        STRV_FOREACH(id, os.id_like)
                check_line(*id);
        return 0;
}
