/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of steps. */

#include "liveos/customize.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/customize-steps.h"
#include "liveos/packages.h"
#include "liveos/places.h"

/* Each does nothing where nothing is asked for. The kernel's arguments have no step: menus are made of
 * them later. */
static int (*const steps[])(const Build *build, int root_fd, Failure *reterr) = {
        packages_apply,    customize_hostname,      customize_groups,    customize_users,
        customize_dirs,    customize_files,         customize_downloads, customize_services,
        customize_modules, customize_history,       customize_selinux,   customize_overlays,
        customize_scripts, customize_final_scripts,
};

bool customize_wanted(const Build *build) {
        const Config *config = &build->config;

        return config->hostname || config->n_groups > 0 || config->n_users > 0 ||
               config->n_dirs > 0 || config->n_files > 0 || config->services_enable ||
               config->services_disable || config->n_modules > 0 ||
               config->selinux.mode != SELINUX_UNSET || config->n_overlays > 0 ||
               config->pxe.n_downloads > 0 || config->n_scripts > 0 ||
               config->n_final_scripts > 0 || config_packages_wanted(&config->packages);
}

bool customize_may_mend(const Build *build) {
        const Config *config = &build->config;

        return config->n_dirs > 0 || config->n_files > 0 || config->n_scripts > 0 ||
               config->n_final_scripts > 0 || config_packages_wanted(&config->packages);
}

int customize_hostname(const Build *build, int root_fd, Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        int r = -ENOMEM;

        if (!build->config.hostname)
                return 0;
        text = str_printf("%s\n", build->config.hostname);
        if (text)
                r = fs_write_in_root(root_fd, "etc/hostname", text, strlen(text), 0644);
        return r < 0 ? failure_set_errno(reterr, r, "os.hostname: /etc/hostname cannot be written")
                     : 0;
}

int customize_blame(
                const Build *build,
                const char *key,
                const ConfigPlace *place,
                const char *name,
                int error,
                Failure *reterr) {
        _cleanup_free_ char *where = config_place_to_text(&build->config, place);

        (void) failure_default(reterr, error, "this cannot be done");
        failure_prefix(reterr,
                       "%s (%s): %s%s%s",
                       key,
                       where ? where : "?",
                       name ? "'" : "",
                       name ? name : "",
                       name ? "': " : "");
        return error;
}

int stage_customize(Build *build, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = 0;

        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The image's tree cannot be opened");
        for (size_t i = 0; i < ELEMENTSOF(steps) && r >= 0; i++)
                r = steps[i](build, root_fd, reterr);
        return r < 0 ? failure_default(reterr, r, "The image cannot be customized") : 0;
}
