/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is special about a plan: it makes nothing but what it says, and that is kept with the job. It gets
 * the folder of artifacts to see what is free there.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/fd.h"
#include "common/strings.h"
#include "config/plan-facts.h"
#include "service/job-work.h"

void job_add_to_plan(Job *job, const Report *report) {
        size_t size = job->plan ? strlen(job->plan) : 0, line_size;
        char line[REPORT_LINE_MAX];
        char *text;

        if (report->kind == REPORT_FACT && !plan_fact_find(report->name))
                return;
        line_size = report_format(report, line);
        if (size + line_size > PLAN_MAX_BYTES)
                return;
        text = realloc(job->plan, size + line_size + 1);
        if (!text)
                return;
        memcpy(text + size, line, line_size);
        text[size + line_size] = '\0';
        job->plan = text;
}

static void learn(Job *job, const Report *report) {
        job_add_to_plan(job, report);
        image_facts_take(&job->task.facts, report);
}

static int prepare(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr) {
        fds->image = TAKE_FD(job->task.image_fd);
        fds->context = TAKE_FD(job->task.context_fd);
        fds->output = fcntl(manager->store->artifacts_fd, F_DUPFD_CLOEXEC, 3);
        if (fds->output < 0)
                return failure_set_errno(reterr, -errno, "The folder of artifacts cannot be kept");
        fds->scratch = job_make_scratch(manager->store, job->id, reterr);
        return fds->scratch < 0 ? fds->scratch : 0;
}

const JobWorkKind job_plan = {
        .is_contained = true,
        .prepare = prepare,
        .learn = learn,
        .complete = job_note_image,
};
