/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The PXE tree: its large files are hard links of the ISO's. */

#include "liveos/pxe.h"

#include <errno.h>
#include <unistd.h>

#include "liveos/media.h"
#include "liveos/places.h"

int stage_pxe(Build *build, Failure *reterr) {
        int r = media_link_initrds(build, MEDIUM_PXE, reterr);

        if (r < 0 || build->initramfs != INITRAMFS_BOOTSTRAP)
                return r;
        r = media_link(PLACE_OUT "/" ARTIFACT_ISO,
                       PLACE_OUT "/" ARTIFACT_HTTP,
                       build->iso_name,
                       reterr);
        /* A PXE tree alone has its ISO under one name only. */
        if (r >= 0 && build->order->format == ORDER_FORMAT_PXE &&
            unlink(PLACE_OUT "/" ARTIFACT_ISO) < 0)
                r = failure_set_errno(reterr, -errno, "The ISO cannot be moved into the PXE tree");
        return r;
}
