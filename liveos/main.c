/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxed-worker: one process per job, started by the service with an order and its descriptors. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/strings.h"
#include "config/order.h"
#include "config/report.h"
#include "container/privilege.h"
#include "liveos/build-plan.h"
#include "liveos/verbs.h"

static int (*const verbs[_ORDER_VERB_MAX])(const Order *order) = {
        [ORDER_VALIDATE] = verb_validate, [ORDER_BUILD] = verb_build,
        [ORDER_PLAN] = verb_plan,         [ORDER_EXPORT] = verb_export,
        [ORDER_RESTORE] = verb_restore,   [ORDER_IMPORT] = verb_import,
        [ORDER_PROBE] = verb_probe,       [ORDER_SWEEP] = verb_sweep,
        [ORDER_LOOK] = verb_look,
};

/* Descriptors come without close-on-exec; nothing that a worker executes may inherit one. */
static int settle(void) {
        static const struct rlimit no_core = { 0, 0 };
        int r;

        (void) umask(0022);
        (void) signal(SIGPIPE, SIG_IGN);
        (void) setrlimit(RLIMIT_CORE, &no_core);
        if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return -errno;
        r = fd_close_on_exec_from(ORDER_FD_REPORT);
        return r < 0 ? r : privilege_rest();
}

static int take_image_name(Order *order) {
        size_t size;

        if (fcntl(ORDER_FD_NAME, F_GETFD) < 0)
                return 0;
        return fd_pread_all(ORDER_FD_NAME, ORDER_IMAGE_NAME_MAX, &order->image_name, &size);
}

/* For people: what a build may do, without doing it. */
static int print_plan(char *const *words) {
        OrderReader reader = ORDER_READER_KERNEL;
        bool network = false;

        STRV_FOREACH(word, words) {
                if (str_equal(*word, "--network"))
                        network = true;
                else if (str_equal(*word, "--reader=userspace"))
                        reader = ORDER_READER_USERSPACE;
                else {
                        fputs("pxed-worker --print-plan [--network] [--reader=userspace]\n",
                              stderr);
                        return 2;
                }
        }
        return build_plan_print(reader, network, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv) {
        _cleanup_order_ Order order = {};
        Failure failure = {};
        int r;

        if (argc >= 2 && str_equal(argv[1], "--print-plan"))
                return print_plan(argv + 2);
        if (argc == 2 && str_equal(argv[1], "--version")) {
                printf("pxed-worker %s\n", PXED_VERSION);
                return EXIT_SUCCESS;
        }
        if (fcntl(ORDER_FD_REPORT, F_GETFD) < 0) {
                fputs("pxed-worker is started by pxed and does nothing by hand.\n", stderr);
                return 2;
        }
        r = settle();
        if (r >= 0)
                r = order_from_argv(argv + 1, &order, &failure);
        if (r >= 0)
                r = take_image_name(&order);
        if (r < 0) {
                (void) failure_default(&failure, r, "The worker cannot start");
                report_failure(ORDER_FD_REPORT, &failure);
                return EXIT_FAILURE;
        }
        return verbs[order.verb](&order) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
