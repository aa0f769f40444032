/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a job learns of its image. Only jobs mount file systems of an image, so only they know what OS is
 * in it: of an image that nobody has imported the first job that was done with it tells.
 */

#include <errno.h>

#include "common/strings.h"
#include "service/job-work.h"
#include "service/log-events.h"

void job_learn_image(Job *job, const Report *report) {
        if (report->kind == REPORT_FACT && str_equal(report->name, REPORT_FACT_IMAGE_DIGEST))
                job_set_image_digest(job, report->text);
        image_facts_take(&job->task.facts, report);
}

void job_note_image(Manager *manager, Job *job) {
        const JobTask *task = &job->task;
        Failure failure = {};
        int r = 0;

        if (task->image.name && task->facts.os_name[0] != '\0')
                r = image_records_name_os(
                                &manager->image_records,
                                manager->store->image_records_fd,
                                &task->image,
                                task->facts.os_name,
                                &failure);
        if (r < 0) {
                (void) failure_default(&failure, r, "The OS in an image cannot be noted");
                log_trouble(failure.error, "%s", failure.message);
        }
}
