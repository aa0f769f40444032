/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an ISO remembers, from the medium and onto it. config/saved.h says what that is. */

#include "liveos/iso-saved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/strings.h"
#include "config/saved.h"
#include "liveos/cmdline.h"
#include "liveos/iso-input.h"
#include "liveos/media.h"
#include "liveos/places.h"

/* ---- reading ---- */

static int read_saved(Build *build, const char *path, Failure *reterr) {
        const IsoFile *file = iso_input_find(build->iso, path);
        _cleanup_free_ char *text = NULL;
        _cleanup_close_ int fd = -EBADF;
        ssize_t n;

        if (!file)
                return 0;
        if (file->size_bytes > SAVED_CONFIG_MAX_BYTES)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The ISO's /%s is larger than such a file is.",
                                path);
        fd = open(PLACE_DISK, O_RDONLY | O_CLOEXEC);
        text = malloc((size_t) file->size_bytes + 1);
        if (!text)
                return -ENOMEM;
        n = pread(fd, text, (size_t) file->size_bytes, (off_t) file->offset_bytes);
        if (n < 0 || (uint64_t) n != file->size_bytes)
                return failure_set(reterr, -EIO, "The ISO's /%s cannot be read whole.", path);
        return saved_config_parse(text, (size_t) n, &build->saved, reterr);
}

int iso_saved_read(Build *build, Failure *reterr) {
        int r = read_saved(build, SAVED_CONFIG_PATH, reterr);

        return r < 0 ? r : read_saved(build, SAVED_URL_PATH, reterr);
}

/* ---- writing ---- */

/* The arguments of the medium, so far and now. Those of the OS are in its menu. */
static int list_medium_arguments(const Build *build, char ***ret) {
        _cleanup_strv_ char **arguments = NULL;
        const ConfigMedium *nodes[3];
        int r = 0;

        STRV_FOREACH(argument, build->saved.kernel_arguments)
                if (r >= 0)
                        r = cmdline_add(&arguments, *argument);
        build_medium_nodes(build, MEDIUM_ISO, nodes);
        for (size_t i = 0; nodes[i]; i++)
                STRV_FOREACH(argument, nodes[i]->kernel_arguments)
                        if (r >= 0)
                                r = cmdline_add(&arguments, *argument);
        if (r >= 0)
                *ret = TAKE_PTR(arguments);
        return r;
}

static int put_config(const Build *build, Failure *reterr) {
        ConfigKdump kdump = config_kdump(&build->config, build->order->format);
        _cleanup_saved_config_ SavedConfig saved = {
                .kdump = kdump != KDUMP_UNSET ? kdump : build->saved.kdump,
        };
        _cleanup_free_ char *text = NULL;
        int r = list_medium_arguments(build, &saved.kernel_arguments);

        if (r >= 0 && build->dracut.version > 0) {
                saved.dracut = strdup(build->dracut.version_text);
                r = saved.dracut ? 0 : -ENOMEM;
        }
        if (r >= 0)
                r = saved_config_format(&saved, &text);
        if (r >= 0)
                r = media_write(media_folder(MEDIUM_ISO), SAVED_CONFIG_PATH, text, reterr);
        return r;
}

static int put_url(const Build *build, Failure *reterr) {
        const SavedConfig saved = { .pxe.bootstrap_file_url = build->bootstrap_url };
        _cleanup_free_ char *text = NULL;
        int r;

        if (!build->bootstrap_url)
                return 0;
        r = saved_config_format_url(&saved, &text);
        return r < 0 ? r : media_write(media_folder(MEDIUM_ISO), SAVED_URL_PATH, text, reterr);
}

int iso_saved_put(const Build *build, Failure *reterr) {
        int r = put_config(build, reterr);

        return r < 0 ? r : put_url(build, reterr);
}
