/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is special about a build: the worker gets a scratch folder and the folder of the new artifact,
 * and one rename makes the artifact when it is done.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/strings.h"
#include "service/job-work.h"
#include "service/system-failure.h"

static int make_scratch(const Store *store, uint32_t id, Failure *reterr) {
        char name[STORE_NAME_SIZE];
        int fd;

        (void) snprintf(name, sizeof(name), STORE_SCRATCH "%u", id);
        if (mkdirat(store->scratch_fd, name, 0700) < 0)
                return system_failure_set(
                                reterr,
                                -errno,
                                "Cannot make the scratch folder of job %u",
                                id);
        fd = fd_open_beneath(store->scratch_fd, name, O_RDONLY | O_DIRECTORY, 0);
        if (fd < 0)
                return system_failure_set(
                                reterr,
                                fd,
                                "Cannot open the scratch folder of job %u",
                                id);
        return fd;
}

static int prepare(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr) {
        fds->image = TAKE_FD(job->task.image_fd);
        fds->context = TAKE_FD(job->task.context_fd);
        fds->scratch = make_scratch(manager->store, job->id, reterr);
        if (fds->scratch < 0)
                return fds->scratch;
        fds->output = artifact_create_output(manager->store, job->id, reterr);
        return fds->output < 0 ? fds->output : 0;
}

static const char *artifact_format(const Order *order) {
        if (order->format == ORDER_FORMAT_PXE)
                return "pxe";
        return order->pxe_artifacts ? "iso+pxe" : "iso";
}

static int complete(Manager *manager, Job *job, Failure *reterr) {
        _cleanup_(artifact_freep) Artifact *artifact = calloc(1, sizeof(*artifact));
        int r;

        if (!artifact)
                return -ENOMEM;
        *artifact = (Artifact){
                .id = job->id,
                .owner = job->owner,
                .title = strdup(job->title ? job->title : ""),
                .format = strdup(artifact_format(&job->task.order)),
        };
        if (!artifact->title || !artifact->format)
                return -ENOMEM;
        r = artifact_publish(artifact, manager->store, reterr);
        if (r >= 0)
                r = manager_add_artifact(manager, TAKE_PTR(artifact));
        if (r < 0)
                return r;
        job->artifact = job->id;
        return 0;
}

const JobWorkKind job_build = { prepare, complete, /* give_up= */ NULL };
