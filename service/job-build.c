/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is special about a build: the worker gets a scratch folder and the folder of the new artifact,
 * and one rename makes the artifact when it is done. From then on the work is done: a service that finds
 * an artifact whose job was interrupted takes the job for done.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/strings.h"
#include "service/job-work.h"
#include "service/log-events.h"
#include "service/system-failure.h"

int job_make_scratch(const Store *store, uint32_t id, Failure *reterr) {
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

static int write_image_name(const char *name, WorkerFds *fds, Failure *reterr) {
        if (!name)
                return 0;
        fds->name = fd_new_sealed("name", name, strlen(name));
        if (fds->name < 0)
                return system_failure_set(
                                reterr,
                                fds->name,
                                "Cannot keep the image's name in memory");
        return 0;
}

static int prepare(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr) {
        int r;

        fds->image = TAKE_FD(job->task.image_fd);
        fds->context = TAKE_FD(job->task.context_fd);
        fds->scratch = job_make_scratch(manager->store, job->id, reterr);
        if (fds->scratch < 0)
                return fds->scratch;
        r = fds->output = artifact_create_output(manager->store, job->id, reterr);
        return r < 0 ? r : write_image_name(job->task.order.image_name, fds, reterr);
}

static const char *artifact_format(const Order *order) {
        if (order->format == ORDER_FORMAT_PXE)
                return "pxe";
        return order->pxe_artifacts ? "iso+pxe" : "iso";
}

static int publish(const Store *store, const Job *job, Failure *reterr) {
        const Artifact artifact = {
                .id = job->id,
                .owner = job->owner,
                .title = job->title ? job->title : (char *) "",
                .format = (char *) artifact_format(&job->task.order),
        };

        return artifact_publish(&artifact, store, reterr);
}

static void complete(Manager *manager, Job *job) {
        job->artifact = job->id;
        job_note_image(manager, job);
}

/* As it is on disk, so that what is announced is what a later service will find. */
static void announce(Manager *manager, Job *job) {
        _cleanup_(artifact_freep) Artifact *artifact = NULL;
        Failure failure = {};
        int r = artifact_load(manager->store, job->id, &artifact, &failure);

        if (r >= 0)
                r = manager_add_artifact(manager, TAKE_PTR(artifact));
        if (r >= 0)
                return;
        (void) failure_default(&failure, r, "It cannot be added to the list");
        log_trouble(r, "Artifact %u is there, but not to be seen: %s", job->id, failure.message);
}

/* The next service removes what cannot be hidden now: a job that failed has no artifact. */
static void withdraw(Manager *manager, Job *job) {
        const Artifact artifact = { .id = job->id };
        char name[STORE_NAME_SIZE];
        int r = artifact_hide(&artifact, manager->store, name);

        if (r < 0)
                log_trouble(r, "Cannot take artifact %u back: %s", job->id, strerror(-r));
        else
                manager_remove_hidden(manager, name);
}

const JobWorkKind job_build = {
        .is_contained = true,
        .prepare = prepare,
        .learn = job_learn_image,
        .publish = publish,
        .complete = complete,
        .announce = announce,
        .withdraw = withdraw,
};
