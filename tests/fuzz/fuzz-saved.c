/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an ISO remembers of earlier configs; what was read can be written and read again. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/strings.h"
#include "config/saved.h"

static void check_round_trip(const SavedConfig *saved) {
        _cleanup_saved_config_ SavedConfig again = {};
        _cleanup_free_ char *text = NULL, *url = NULL;

        fuzz_check(saved_config_format(saved, &text) == 0);
        fuzz_check(saved_config_parse(text, strlen(text), &again, NULL) == 0);
        fuzz_check(strv_length(again.kernel_arguments) == strv_length(saved->kernel_arguments));
        for (size_t i = 0; i < strv_length(saved->kernel_arguments); i++)
                fuzz_check(str_equal(again.kernel_arguments[i], saved->kernel_arguments[i]));
        fuzz_check(again.kdump == saved->kdump);
        fuzz_check(saved_config_format_url(saved, &url) == 0);
        fuzz_check(saved_config_parse(url, strlen(url), &again, NULL) == 0);
        fuzz_check(str_equal(again.pxe.bootstrap_file_url, saved->pxe.bootstrap_file_url));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_saved_config_ SavedConfig saved = {};
        _cleanup_free_ char *text = malloc(size + 1);
        Failure failure = {};
        int r;

        fuzz_check(text);
        memcpy(text, data, size);
        r = saved_config_parse(text, size, &saved, &failure);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        if (r >= 0)
                check_round_trip(&saved);
        return 0;
}
