/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxed: builder of Live OS media, as a service on the system bus. */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/strings.h"
#include "service/launcher.h"
#include "service/log-events.h"
#include "service/service.h"
#include "service/settings.h"

#ifndef PXED_VERSION
#define PXED_VERSION "0"
#endif

static const char *arg_config = SETTINGS_PATH;

static int usage(FILE *to, int status) {
        fprintf(to,
                "Usage: pxed [--config FILE]\n"
                "The service org.pxed1 on the system bus; it is started by the bus.\n"
                "\n"
                "  --config FILE  the settings (" SETTINGS_PATH ")\n"
                "  --version      says the version\n"
                "  --help         says this\n");
        return status;
}

/* Returns -1 to go on, else the exit status. */
static int parse_arguments(int argc, char **argv) {
        static const struct option options[] = {
                { "config", required_argument, NULL, 'c' },
                { "version", no_argument, NULL, 'v' },
                { "help", no_argument, NULL, 'h' },
                {},
        };

        for (int c = getopt_long(argc, argv, "", options, NULL); c >= 0;
             c = getopt_long(argc, argv, "", options, NULL))
                switch (c) {
                case 'c':
                        arg_config = optarg;
                        break;
                case 'v':
                        printf("pxed %s\n", PXED_VERSION);
                        return EXIT_SUCCESS;
                case 'h':
                        return usage(stdout, EXIT_SUCCESS);
                default:
                        return usage(stderr, 2);
                }
        return optind < argc ? usage(stderr, 2) : -1;
}

int main(int argc, char **argv) {
        _cleanup_settings_ Settings settings = {};
        Failure failure = {};
        int r;

        if (argc > 0 && str_equal(argv[0], LAUNCHER_NAME)) {
                launcher_run();
                return EXIT_SUCCESS;
        }
        r = parse_arguments(argc, argv);
        if (r >= 0)
                return r;
        (void) umask(0077);
        r = settings_load(arg_config, &settings, &failure);
        if (r >= 0)
                r = service_run(&settings, &failure);
        if (r < 0) {
                (void) failure_default(&failure, r, "pxed cannot run");
                log_event(&log_event_fatal, r, /* fields= */ NULL, "%s", failure.message);
        }
        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
