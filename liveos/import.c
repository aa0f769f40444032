/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An import: the copying child of a build's intake, readers for what they can say without unpacking, and a
 * container for the name of the OS. The copy is on disk when this says that it is done; the service gives it its name.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/fd.h"
#include "config/report.h"
#include "container/sealed.h"
#include "liveos/intake.h"
#include "liveos/look.h"
#include "liveos/os-name.h"
#include "liveos/verbs.h"

#define NAME_SIZE      (sizeof(ORDER_IMPORT_NAME) + 20)
#define DIGEST_SECONDS 3600

static int digest_reader(void *userdata, int out_fd) {
        char digest[DIGEST_SIZE];
        int r = digest_file(*(const int *) userdata, digest);

        return r < 0 ? r : fd_write_all(out_fd, digest, strlen(digest));
}

static int report_digest(int image_fd, Failure *reterr) {
        _cleanup_free_ char *digest = NULL;
        Sealed sealed = SEALED_INIT;
        size_t size = 0;
        int r;

        sealed.name = "digesting of the image";
        sealed.profile = SEALED_READER;
        sealed.function = digest_reader;
        sealed.userdata = &image_fd;
        sealed.keep_fds = &image_fd;
        sealed.n_keep_fds = 1;
        sealed.cpu_seconds = DIGEST_SECONDS;
        sealed.timeout_usec = DIGEST_SECONDS * UINT64_C(1000000);
        sealed.max_output_bytes = DIGEST_SIZE;
        sealed.lifeline_fd = ORDER_FD_LIFELINE;
        r = sealed_run(&sealed, &digest, &size, reterr);
        if (r < 0)
                return failure_default(reterr, r, "The image cannot be hashed");
        if (!digest_is_good(digest))
                return failure_set(reterr, -EBADMSG, "The image's digest is none.");
        report_fact(ORDER_FD_REPORT, REPORT_FACT_IMAGE_DIGEST, digest);
        return 0;
}

static int import(Build *build, const char *name, Failure *reterr) {
        const IntakeTarget target = { .folder = "image",
                                      .folder_fd = ORDER_FD_OUTPUT,
                                      .name = name };
        _cleanup_close_ int image_fd = -EBADF;
        int r;

        report_stage(ORDER_FD_REPORT, "intake");
        r = intake_copy(ORDER_FD_IMAGE,
                        &target,
                        build->order->image_max_bytes,
                        ORDER_FD_LIFELINE,
                        &image_fd,
                        reterr);
        /* What no build would take is not taken: its owner hears it now, and not another user later. */
        if (r >= 0)
                r = look_at_image(build, image_fd, reterr);
        if (r < 0)
                return r;
        look_report(build);
        report_stage(ORDER_FD_REPORT, "digest");
        r = report_digest(image_fd, reterr);
        if (r >= 0 && fsync(image_fd) < 0)
                r = failure_set_errno(reterr, -errno, "The image cannot be brought to disk");
        if (r < 0)
                return r;
        report_stage(ORDER_FD_REPORT, "os");
        return os_name_report(build, image_fd, reterr);
}

int verb_import(const Order *order) {
        static Build build; /* too large for a stack */
        Failure failure = {};
        char name[NAME_SIZE];
        int r;

        (void) snprintf(name, sizeof(name), ORDER_IMPORT_NAME, (unsigned long long) order->job_id);
        build = (Build){ .order = order, .report_fd = ORDER_FD_REPORT };
        r = import(&build, name, &failure);
        if (r < 0) {
                (void) unlinkat(ORDER_FD_OUTPUT, name, 0);
                if (failure.error < 0)
                        report_failure(ORDER_FD_REPORT, &failure);
                return r;
        }
        report_done(ORDER_FD_REPORT);
        return 0;
}
