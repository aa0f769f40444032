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
#include "liveos/image-format.h"
#include "liveos/iso-input.h"
#include "liveos/partitions.h"
#include "liveos/verbs.h"

/* What can be asked without unpacking. */
static int judge_contents(ImageKind kind, int image_fd, Failure *reterr) {
        PartitionTable table = {};

        _cleanup_free_ IsoInput *iso = NULL;

        if (kind == IMAGE_ISO)
                return iso_input_read(image_fd, ORDER_FD_LIFELINE, &iso, reterr);
        return image_kind_driver(kind)
                               ? 0
                               : partitions_read(image_fd, ORDER_FD_LIFELINE, &table, reterr);
}

int look_at_image(const Order *order, int image_fd, Failure *reterr) {
        ImageFormat format;
        int r = image_format_read(
                        image_fd,
                        order->image_max_bytes,
                        ORDER_FD_LIFELINE,
                        &format,
                        reterr);

        if (r >= 0)
                r = judge_contents(format.kind, image_fd, reterr);
        if (r < 0)
                return r;
        report_log(ORDER_FD_REPORT,
                   LOG_INFO,
                   "the image is in the format %s, a disk of %" PRIu64 " bytes",
                   image_kind_to_string(format.kind),
                   format.disk_bytes);
        report_fact(ORDER_FD_REPORT, PLAN_IMAGE_FORMAT, image_kind_to_string(format.kind));
        return 0;
}

int verb_look(const Order *order) {
        Failure failure = {};
        int r = look_at_image(order, ORDER_FD_IMAGE, &failure);

        if (r < 0) {
                (void) failure_default(&failure, r, "The image cannot be looked at");
                report_failure(ORDER_FD_REPORT, &failure);
                return r;
        }
        report_done(ORDER_FD_REPORT);
        return 0;
}
