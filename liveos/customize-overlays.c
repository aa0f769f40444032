/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Overlays, as units that the OS mounts when it starts. */

#include "liveos/customize-steps.h"

#include <errno.h>

#include "common/strings.h"
#include "liveos/overlay-unit.h"
#include "liveos/unit-file.h"

static int put_overlay(int root_fd, const ConfigOverlay *overlay) {
        _cleanup_free_ char *name = overlay_unit_name(overlay->mount_point);
        _cleanup_free_ char *text = overlay_unit_text(overlay);
        int r = name && text ? unit_file_write(root_fd, name, text) : -ENOMEM;

        return r < 0 ? r : unit_file_want(root_fd, name, "local-fs.target");
}

int customize_overlays(const Build *build, int root_fd, Failure *reterr) {
        const Config *config = &build->config;
        _cleanup_free_ char *service = NULL;
        int r;

        if (config->n_overlays == 0)
                return 0;
        service = overlay_service_text(config->overlays, config->n_overlays);
        r = service ? unit_file_write(root_fd, OVERLAY_SERVICE, service) : -ENOMEM;
        for (size_t i = 0; i < config->n_overlays && r >= 0; i++)
                r = put_overlay(root_fd, &config->overlays[i]);
        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "os.overlays: their units cannot be written to /" UNIT_FILES)
                     : 0;
}
