/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An order as a worker's arguments, one to a line: what is read is written and read again. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "config/order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_strv_ char **argv = NULL, **first = NULL, **second = NULL;
        _cleanup_order_ Order order = {}, again = {};
        Failure failure = {};
        int r;

        while (size > 0 && strv_length(argv) < 32)
                fuzz_check(strv_append_take(&argv, fuzz_take_line(&data, &size)) == 0);
        if (!argv)
                return 0;
        r = order_from_argv(argv, &order, &failure);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -EINVAL);
        if (r < 0)
                return 0;
        fuzz_check(order_to_argv(&order, &first) == 0);
        fuzz_check(order_from_argv(first, &again, NULL) == 0);
        fuzz_check(order_to_argv(&again, &second) == 0);
        fuzz_check(strv_length(first) == strv_length(second));
        for (size_t i = 0; first[i]; i++)
                fuzz_check(strcmp(first[i], second[i]) == 0);
        return 0;
}
