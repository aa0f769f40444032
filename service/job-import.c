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
        fds->scratch = job_make_scratch(manager->store, job->id, reterr);
        if (fds->scratch < 0)
                return fds->scratch;
        job->task.folder = manager->settings->images[0];
        job->task.folder_fd = fcntl(fds->output, F_DUPFD_CLOEXEC, 3);
        return job->task.folder_fd < 0 ? failure_set_errno(
                                                         reterr,
                                                         -errno,
                                                         "The folder of images cannot be kept")
                                       : 0;
}

/* What is known of the image is on record before anybody can see it. */
static int publish(const Store *store, const Job *job, Failure *reterr) {
        _cleanup_(image_record_freep) ImageRecord *record = NULL;
        _cleanup_image_ Image image = {};
        const JobTask *task = &job->task;
        int r;

        r = images_look_at_import(
                        task->folder_fd,
                        job->id,
                        task->folder,
                        task->image.name,
                        &image,
                        reterr);
        if (r >= 0)
                r = image_record_new(&record, &image, &task->facts, job->owner);
        if (r >= 0)
                r = image_record_save(record, store->image_records_fd, reterr);
        if (r < 0)
                return r;
        return images_publish(task->folder_fd, job->id, task->image.name, task->replace, reterr);
}

/* What the child has put on record. */
static void complete(Manager *manager, Job *job) {
        _cleanup_image_ Image image = {};
        Failure failure = {};
        _cleanup_close_ int fd = images_find(
                        manager->settings->images,
                        job->task.image.name,
                        &image,
                        &failure);
        int r = fd;

        if (r >= 0)
                r = image_records_reload(
                                &manager->image_records,
                                manager->store->image_records_fd,
                                &image,
                                &failure);
        if (r < 0)
                log_trouble(r, "What was imported is not known: %s", failure.message);
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
        .is_contained = true,
        .prepare = prepare,
        .learn = job_learn_image,
        .publish = publish,
        .complete = complete,
        .give_up = give_up,
};
