/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bytes as text: UTF-8, control characters, numbers, file capabilities and lists of them, names of a context,
 * first lines of scripts. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "config/context.h"
#include "liveos/attribute-list.h"
#include "liveos/capability-text.h"
#include "liveos/interpreter-line.h"

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

/* There is no root, so that no file is found. */
static void check_attribute_list(const char *text) {
        Failure failure = {};
        int r = attribute_list_apply(text, -EBADF, &failure);

        fuzz_check(r == 0 || r == -EBADMSG);
        fuzz_check_result(r, &failure, FUZZ_MAYBE_SENTENCE);
}

static void check_list_of_one(const char *path, const uint8_t *data, size_t size) {
        _cleanup_buffer_ Buffer list = {};

        if (*path == '\0' || strlen(path) > 4000)
                return;
        fuzz_check(attribute_list_append(&list, path, "user.x", data, size < 24 ? size : 24) == 0);
        fuzz_check(attribute_list_apply(list.data, -EBADF, NULL) == 0);
}

static void check_interpreter(const uint8_t *data, size_t size) {
        _cleanup_strv_ char **words = NULL;
        int r = interpreter_line_read((const char *) data, size, &words);

        fuzz_check(r == 0 || r == 1);
        fuzz_check(r == 0 ? !words : strv_length(words) == 1 || strv_length(words) == 2);
        STRV_FOREACH(word, words)
                fuzz_check(**word && !strchr(*word, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_string(data, size), *capabilities = NULL;
        uint64_t number;
        int r = str_to_u64(text, 1000, &number);

        fuzz_check(r == -EINVAL || r == -ERANGE || number <= 1000);
        check_utf8(text);
        check_entry_name(text);
        check_split(text);
        check_attribute_list(text);
        check_list_of_one(text, data, size);
        check_interpreter(data, size);
        if (strlen(text) <= 64)
                fuzz_check(str_distance(text, "pxe-artifacts") <= 64);
        r = capability_to_text(data, size, &capabilities);
        fuzz_check(r == -EBADMSG ||
                   (r == 0 && strspn(capabilities, "0123456789,=eip ") == strlen(capabilities)));
        return 0;
}
