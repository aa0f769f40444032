/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Overlays, as units that the OS mounts when it starts. */

#include "liveos/customize-steps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/overlay-unit.h"

#define UNITS "etc/systemd/system"
#define WANTS UNITS "/local-fs.target.wants"

static int write_unit(int root_fd, const char *name, const char *text) {
        _cleanup_free_ char *path = str_printf(UNITS "/%s", name);

        return path ? fs_write_in_root(root_fd, path, text, strlen(text), 0644) : -ENOMEM;
}

/* What systemctl enable would do, which does not know units that name no [Install]. */
static int want_unit(int root_fd, const char *name) {
        _cleanup_free_ char *target = str_printf("../%s", name);
        _cleanup_close_ int fd = -EBADF;
        int r = target ? fs_mkdir_in_root(root_fd, WANTS, 0755) : -ENOMEM;

        if (r < 0)
                return r;
        fd = fd_open_in_root(root_fd, WANTS, O_PATH | O_DIRECTORY, 0);
        if (fd < 0)
                return fd;
        return symlinkat(target, fd, name) < 0 && errno != EEXIST ? -errno : 0;
}

static int put_overlay(int root_fd, const ConfigOverlay *overlay) {
        _cleanup_free_ char *name = overlay_unit_name(overlay->mount_point);
        _cleanup_free_ char *text = overlay_unit_text(overlay);
        int r = name && text ? write_unit(root_fd, name, text) : -ENOMEM;

        return r < 0 ? r : want_unit(root_fd, name);
}

int customize_overlays(const Build *build, int root_fd, Failure *reterr) {
        const Config *config = &build->config;
        _cleanup_free_ char *service = NULL;
        int r;

        if (config->n_overlays == 0)
                return 0;
        service = overlay_service_text(config->overlays, config->n_overlays);
        r = service ? write_unit(root_fd, OVERLAY_SERVICE, service) : -ENOMEM;
        for (size_t i = 0; i < config->n_overlays && r >= 0; i++)
                r = put_overlay(root_fd, &config->overlays[i]);
        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "os.overlays: their units cannot be written to /" UNITS)
                     : 0;
}
