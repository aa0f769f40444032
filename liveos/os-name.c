/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The name of an OS. It takes all that a build has around an image: unpacking, readers, a container. What
 * fails on the way is a line of the log here, and the build's to refuse; but an image that cannot be unpacked
 * is none, and its unpacker has said so.
 */

#include "liveos/os-name.h"

#include <errno.h>
#include <syslog.h>

#include "common/fs.h"
#include "config/report.h"
#include "liveos/build-job.h"
#include "liveos/image.h"
#include "liveos/readers.h"

static void say_unknown(const Failure *why) {
        report_log(ORDER_FD_REPORT, LOG_INFO, "the OS in it is not known: %s", why->message);
}

/* In the container; an ISO's menu and kernels are of no interest. That there is no name is said here, and
 * counts as success, so that what fails is the unpacking, or the container. */
static int inside(void *userdata) {
        Build *build = userdata;
        Failure failure = {};
        int r = image_find(build, &failure);

        if (r >= 0)
                r = view_mount(&build->mounts, VIEW_TREE, /* below= */ NULL, &failure);
        if (r >= 0)
                r = image_report_os(build, &failure);
        if (readers_check(build, &failure) < 0)
                r = failure.error;
        if (r < 0) {
                (void) failure_default(&failure, r, "The image cannot be looked into");
                say_unknown(&failure);
        }
        return 0;
}

int os_name_report(Build *build, int image_fd, Failure *reterr) {
        Failure failure = {};
        int r = build_job_contain(build, image_fd, inside, &failure);

        (void) fs_remove_contents(ORDER_FD_SCRATCH);
        if (r == -ECANCELED)
                return failure_set(reterr, r, "%s", failure.message);
        if (r < 0 && failure.error == 0)
                return r;
        if (failure.error < 0)
                say_unknown(&failure);
        return 0;
}
