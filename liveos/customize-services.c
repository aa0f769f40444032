/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Services, by the image's own systemctl. */

#include "liveos/customize-steps.h"

#include "common/strings.h"
#include "liveos/places.h"
#include "liveos/run.h"

static int set_services(
                const Build *build,
                const char *verb,
                char *const *services,
                Failure *reterr) {
        STRV_FOREACH(service, services) {
                Command command = COMMAND_INIT;
                int r;

                command.argv = (const char *const[]){ "systemctl", verb, "--", *service, NULL };
                command.environment = (const char *const[]){ "SYSTEMD_OFFLINE=1", NULL };
                command.root = PLACE_TREE;
                command.profile = COMMAND_IMAGE;
                r = run_logged(build->report_fd, "systemctl", command, reterr);
                if (r < 0) {
                        failure_prefix(reterr, "os.services.%s: '%s': ", verb, *service);
                        return r;
                }
        }
        return 0;
}

int customize_services(const Build *build, int root_fd _unused_, Failure *reterr) {
        int r = set_services(build, "enable", build->config.services_enable, reterr);

        return r < 0 ? r : set_services(build, "disable", build->config.services_disable, reterr);
}
