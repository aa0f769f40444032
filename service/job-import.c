/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is special about an import: the worker copies into the folder of images, under a name that is
 * nobody's, and one rename makes it an image. From then on the work is done.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/strings.h"
#include "service/images.h"
#include "service/job-work.h"
#include "service/log-events.h"

static int prepare(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr) {
        fds->image = TAKE_FD(job->task.image_fd);
        fds->output = images_open_folder(manager->settings->images, reterr);
        if (fds->output < 0)
                return fds->output;
        job->task.folder_fd = fcntl(fds->output, F_DUPFD_CLOEXEC, 3);
        return job->task.folder_fd < 0 ? failure_set_errno(
                                                         reterr,
                                                         -errno,
                                                         "The folder of images cannot be kept")
                                       : 0;
}

static int publish(const Store *store _unused_, const Job *job, Failure *reterr) {
        return images_publish(
                        job->task.folder_fd,
                        job->id,
                        job->task.order.image_name,
                        job->task.replace,
                        reterr);
}

/* What the worker could not remove itself, as it was killed. */
static void give_up(Manager *manager _unused_, Job *job) {
        int r = job->task.folder_fd < 0 ? 0 : images_discard(job->task.folder_fd, job->id);

        if (r < 0)
                log_trouble(r,
                            "Ignoring what job %u left in the folder of images: %s",
                            job->id,
                            strerror(-r));
}

const JobWorkKind job_import = {
        .prepare = prepare,
        .learn = job_learn_image_digest,
        .publish = publish,
        .give_up = give_up,
};
