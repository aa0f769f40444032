/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The options a{sv} that callers send with a method. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/strings.h"
#include "service/job.h"
#include "service/method-options.h"
#include "tests/fuzz/message.h"

static void check_order(MethodOptions *options) {
        _cleanup_strv_ char **argv = NULL;
        _cleanup_order_ Order order = { .verb = ORDER_BUILD }, again = {};

        method_options_move_to_order(options, &order);
        fuzz_check(order_to_argv(&order, &argv) == 0);
        fuzz_check(order_from_argv(argv, &again, NULL) == 0);
        fuzz_check(str_equal(order.volume_id, again.volume_id));
        fuzz_check(str_equal(order.iso_name, again.iso_name));
        fuzz_check(order.source_date_epoch == again.source_date_epoch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const unsigned groups[] = {
                METHOD_OPTIONS_OF_BUILD,
                METHOD_OPTIONS_FORMAT,
                METHOD_OPTIONS_JOB,
                METHOD_OPTIONS_FORMAT | METHOD_OPTIONS_BUILD,
        };
        uint8_t group = fuzz_take_byte(&data, &size);
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_method_options_ MethodOptions options = {};
        Failure failure = {};
        int r;

        m = fuzz_take_message(&data, &size, "a{sv}");
        r = method_options_read(m, groups[group % ELEMENTSOF(groups)], &options, &failure);
        fuzz_check_result(r, &failure, FUZZ_MAYBE_SENTENCE);
        if (r < 0)
                return 0;
        fuzz_check(!options.title || strlen(options.title) <= JOB_TITLE_MAX);
        fuzz_check(!options.cookie || strlen(options.cookie) <= JOB_COOKIE_MAX);
        check_order(&options);
        return 0;
}
