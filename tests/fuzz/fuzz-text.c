/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bytes as text: UTF-8, control characters, numbers, file capabilities, names of a context. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "config/context.h"
#include "liveos/capability-text.h"

static void check_utf8(const char *text) {
        _cleanup_free_ char *mended = fuzz_string((const uint8_t *) text, strlen(text));

        str_make_utf8(mended);
        fuzz_check(str_is_utf8(mended) && strlen(mended) == strlen(text));
        fuzz_check(!str_is_utf8(text) || strcmp(mended, text) == 0);
        str_blank_controls(mended);
        fuzz_check(str_is_utf8(mended) && !strpbrk(mended, "\n\r\t\033\177"));
}

static void check_entry_name(const char *path) {
        _cleanup_free_ char *name = context_entry_name(path, 7);

        fuzz_check(name &&
                   (str_after_prefix(name, CONTEXT_FILES) || str_after_prefix(name, "outside/")));
        fuzz_check(!strstr(name, "/../") && !str_has_suffix(name, "/.."));
        fuzz_check(!strstr(name, "//"));
}

static void check_split(const char *text) {
        _cleanup_strv_ char **parts = strv_split(text, " ,\n");

        fuzz_check(parts);
        STRV_FOREACH(part, parts)
                fuzz_check(**part && !strpbrk(*part, " ,\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_string(data, size), *capabilities = NULL;
        uint64_t number;
        int r = str_to_u64(text, 1000, &number);

        fuzz_check(r == -EINVAL || r == -ERANGE || number <= 1000);
        check_utf8(text);
        check_entry_name(text);
        check_split(text);
        if (strlen(text) <= 64)
                fuzz_check(str_distance(text, "pxe-artifacts") <= 64);
        r = capability_to_text(data, size, &capabilities);
        fuzz_check(r == -EBADMSG ||
                   (r == 0 && strspn(capabilities, "0123456789,=eip ") == strlen(capabilities)));
        return 0;
}
