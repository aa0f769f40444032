/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kernel command lines: what was split and joined splits into the same again. The first line is a
 * word that is put in. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "liveos/cmdline.h"

static void check_join(char *const *words) {
        _cleanup_strv_ char **again = NULL;
        _cleanup_free_ char *line = NULL;
        int r = cmdline_join(words, &line, NULL);

        fuzz_check(r == 0 || r == -E2BIG);
        if (r < 0)
                return;
        fuzz_check(strlen(line) < CMDLINE_MAX_BYTES);
        fuzz_check(cmdline_add_text(&again, line, NULL) == 0);
        fuzz_check(strv_length(again) == strv_length(words));
        for (size_t i = 0; words && words[i]; i++)
                fuzz_check(strcmp(words[i], again[i]) == 0);
}

static void change(char ***words, const char *word) {
        _cleanup_free_ char *plain = cmdline_unquote(word);

        fuzz_check(plain && !strchr(plain, '"'));
        fuzz_check(cmdline_add_default(words, word) == 0);
        fuzz_check(cmdline_replace(words, word) == 0);
        fuzz_check(strv_contains(*words, word));
        fuzz_check(cmdline_add(words, word) == 0);
        check_join(*words);
        (void) cmdline_remove(*words, "root");
        fuzz_check(!cmdline_find(*words, "root"));
        check_join(*words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *word = fuzz_take_line(&data, &size), *text = fuzz_string(data, size);
        _cleanup_strv_ char **words = NULL, **single = NULL;
        Failure failure = {};
        int r = cmdline_add_text(&words, text, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -EINVAL);
        if (r < 0)
                return 0;
        check_join(words);
        if (cmdline_add_text(&single, word, NULL) == 0 && strv_length(single) == 1)
                change(&words, single[0]);
        return 0;
}
