/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The administrator's settings. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "service/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_settings_ Settings settings = {};
        Failure failure = {};
        int r = settings_parse((const char *) data, size, "pxed.yaml", &settings, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r >= 0 || r == -EBADMSG);
        if (r < 0)
                return 0;
        fuzz_check(settings.state[0] == '/' && settings.scratch[0] == '/');
        fuzz_check(settings.worker[0] == '/');
        fuzz_check(settings.n_targets <= SETTINGS_TARGETS_MAX);
        for (size_t i = 0; i < settings.n_targets; i++)
                fuzz_check(!strchr(settings.targets[i].name, '/') &&
                           settings.targets[i].tftp_root[0] == '/' &&
                           settings.targets[i].http_root[0] == '/');
        return 0;
}
