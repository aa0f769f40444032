/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A look at an image. Each question is one sealed reader; this process, which is root, sees only what
 * they answer.
 */

#include "liveos/look.h"

#include <inttypes.h>
#include <syslog.h>

#include "config/plan-facts.h"
#include "config/report.h"
#include "liveos/verbs.h"

/* Its root is mounted by the name that it has. */
static int look_at_iso(Build *build, int image_fd, Failure *reterr) {
        int r = iso_input_read(image_fd, ORDER_FD_LIFELINE, &build->iso, reterr);

        if (r < 0)
                return r;
        iso_input_partitions(build->iso, &build->partitions);
        r = partitions_verify(image_fd, ORDER_FD_LIFELINE, &build->partitions, reterr);
        if (r == -ENOEXEC)
                return failure_set(
                                reterr,
                                r,
                                "The ISO's /" MEDIUM_ROOTFS_PATH
                                " is no squashfs, or a part of LVM, of a RAID or of another thing as well: give an ISO that pxed or Image Customizer has made, or a disk image.");
        return r < 0 ? failure_default(reterr, r, "The ISO's root cannot be looked at") : 0;
}

/* What can be asked without unpacking. */
static int look_at_contents(Build *build, int image_fd, Failure *reterr) {
        if (image_kind_driver(build->format.kind))
                return 0;
        if (build->format.kind != IMAGE_ISO)
                return partitions_read(image_fd, ORDER_FD_LIFELINE, &build->partitions, reterr);
        return look_at_iso(build, image_fd, reterr);
}

int look_at_image(Build *build, int image_fd, Failure *reterr) {
        int r;

        if (build->is_looked_at)
                return 0;
        r = image_format_read(
                        image_fd,
                        build->order->image_max_bytes,
                        ORDER_FD_LIFELINE,
                        &build->format,
                        reterr);
        if (r >= 0)
                r = look_at_contents(build, image_fd, reterr);
        if (r < 0)
                return r;
        build->is_looked_at = true;
        return 0;
}

void look_report(const Build *build) {
        report_log(build->report_fd,
                   LOG_INFO,
                   "the image is in the format %s, a disk of %" PRIu64 " bytes",
                   image_kind_to_string(build->format.kind),
                   build->format.disk_bytes);
        report_fact(build->report_fd, PLAN_IMAGE_FORMAT, image_kind_to_string(build->format.kind));
}

int verb_look(const Order *order) {
        static Build build; /* too large for a stack */
        Failure failure = {};
        int r;

        build = (Build){ .order = order, .report_fd = ORDER_FD_REPORT };
        r = look_at_image(&build, ORDER_FD_IMAGE, &failure);
        if (r < 0) {
                (void) failure_default(&failure, r, "The image cannot be looked at");
                report_failure(ORDER_FD_REPORT, &failure);
                return r;
        }
        look_report(&build);
        report_done(ORDER_FD_REPORT);
        return 0;
}
