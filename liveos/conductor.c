/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The conductor and the tables of stages: the whole way from image to artifact, and that of a plan, which
 * shares its beginning, on one screen.
 */

#include "liveos/conductor.h"

#include <errno.h>

#include "common/cleanup.h"
#include "config/report.h"
#include "liveos/boot-files.h"
#include "liveos/context.h"
#include "liveos/customize.h"
#include "liveos/forecast.h"
#include "liveos/image.h"
#include "liveos/initrd.h"
#include "liveos/inspect.h"
#include "liveos/iso.h"
#include "liveos/live.h"
#include "liveos/manifest.h"
#include "liveos/pxe.h"
#include "liveos/readers.h"
#include "liveos/rootfs.h"
#include "liveos/scratch.h"
#include "liveos/stages.h"

#define NO_SPACE \
        "No space is left; free some in the service's scratch and state folders, or give it larger ones: "

/* clang-format off */
const Stage build_stages[] = {
        /* name         needs                       flags         weight  wanted             run */
        { "context",    NULL,                       STAGE_LEARNS,  1, NULL,              stage_context },
        { "image",      "context",                  STAGE_LEARNS,  1, NULL,              stage_image },
        { "preflight",  "image",                    STAGE_LEARNS,  1, NULL,              stage_preflight },
        { "customize",  "preflight",                0,             5, customize_wanted,  stage_customize },
        { "inspect",    "customize",                STAGE_LEARNS,  1, customize_wanted,  stage_inspect },
        { "live",       "inspect",                  STAGE_LEARNS,  1, NULL,              stage_live },
        { "digest",     "live",                     0,             2, NULL,              stage_digest },
        { "initrd",     "live",                     0,            40, NULL,              stage_initrd },
        { "rootfs",     "live",                     0,            40, rootfs_wanted,     stage_rootfs },
        { "boot-files", "live",                     0,             2, NULL,              stage_boot_files },
        { "iso",        "initrd rootfs boot-files", 0,             5, build_makes_iso,     stage_iso },
        { "pxe",        "iso",                      0,             2, build_makes_pxe,   stage_pxe },
        { "manifest",   "pxe digest",               0,             3, NULL,              stage_manifest },
};

static const Stage plan_stages[] = {
        { "context",    NULL,                       STAGE_LEARNS,  1, NULL,              stage_context },
        { "image",      "context",                  STAGE_LEARNS,  1, NULL,              stage_image },
        { "preflight",  "image",                    STAGE_LEARNS,  2, NULL,              stage_preflight },
        { "forecast",   "preflight",                STAGE_LEARNS,  4, NULL,              stage_forecast },
};
/* clang-format on */

const size_t n_build_stages = ELEMENTSOF(build_stages);

static int run_stages(Build *build, Failure *reterr) {
        if (build->order->verb == ORDER_PLAN)
                return stages_run(plan_stages, ELEMENTSOF(plan_stages), build, reterr);
        return stages_run(build_stages, n_build_stages, build, reterr);
}

int conductor_run(void *userdata) {
        _cleanup_close_ int watch_fd = scratch_watch();
        Build *build = userdata;
        Failure failure = {};
        int r = run_stages(build, &failure);

        /* A reader that died is the cause of whatever else went wrong. */
        if (readers_check(build, &failure) < 0)
                r = failure.error;
        if (r < 0)
                (void) failure_default(&failure, r, "The build failed");
        /* Wherever it was noticed, the remedy is the same. */
        if (!scratch_judge(watch_fd, build->order, &failure) && failure.error == -ENOSPC)
                failure_prefix(&failure, "%s", NO_SPACE);
        if (failure.error < 0)
                report_failure(build->report_fd, &failure);
        return failure.error;
}
