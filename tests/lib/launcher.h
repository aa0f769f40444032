/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* For tests that start a launcher: it is a process of the program that starts it, which is the test then. */

#include <stdlib.h>

#include "common/strings.h"
#include "service/launcher.h"

__attribute__((constructor)) static void be_launcher(int argc, char **argv) {
        if (argc > 0 && str_equal(argv[0], LAUNCHER_NAME)) {
                launcher_run();
                exit(EXIT_SUCCESS);
        }
}
