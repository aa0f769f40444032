/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Versions: of packages by their order, of dracut, in the names of kernels. Three lines. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "liveos/dracut.h"
#include "liveos/kernel.h"
#include "liveos/version.h"

static int sign(int n) {
        return (n > 0) - (n < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *a = fuzz_take_line(&data, &size), *b = fuzz_take_line(&data, &size),
                            *c = fuzz_take_line(&data, &size);
        const char *version = kernel_version_from_name(a);
        unsigned number;

        fuzz_check(!version || (version > a && version <= a + strlen(a)));
        (void) dracut_version_parse(a, &number);
        fuzz_check(version_compare(a, a) == 0);
        fuzz_check(sign(version_compare(a, b)) == -sign(version_compare(b, a)));
        /* An order, or sorting by it never ends well. */
        if (version_compare(a, b) <= 0 && version_compare(b, c) <= 0)
                fuzz_check(version_compare(a, c) <= 0);
        return 0;
}
