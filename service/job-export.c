/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is special about an export and a restore: the worker gets the folders that hold the target's
 * roots and exchanges these; the target's record says which artifact is there. Which files of the artifact
 * go there, and with which permissions, the service tells it.
 */

#include <errno.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/strings.h"
#include "config/file-list.h"
#include "service/job-work.h"
#include "service/log-events.h"
#include "service/system-failure.h"

static int open_roots(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr) {
        _cleanup_target_root_ TargetRoot tftp = TARGET_ROOT_NULL, http = TARGET_ROOT_NULL;
        Target *target = manager_find_target(manager, job->target);
        Order *order = &job->task.order;
        int r;

        if (!target)
                return failure_set(
                                reterr,
                                -EHOSTUNREACH,
                                "The target '%s' is no longer in the service's settings.",
                                job->target);
        r = target_open_root(target->settings->tftp_root, &tftp, reterr);
        if (r >= 0)
                r = target_open_root(target->settings->http_root, &http, reterr);
        if (r < 0)
                return r;
        fds->tftp = TAKE_FD(tftp.folder_fd);
        fds->http = TAKE_FD(http.folder_fd);
        order->tftp_name = TAKE_PTR(tftp.name);
        order->http_name = TAKE_PTR(http.name);
        return target_begin_change(target, manager->store, job->artifact, reterr);
}

static int write_list(const Manifest *manifest, Failure *reterr) {
        _cleanup_buffer_ Buffer list = {};
        int r = 0;

        for (size_t i = 0; i < manifest->n_files && r >= 0; i++)
                r = file_list_append(
                                &list,
                                manifest->files[i].path,
                                manifest->files[i].permissions);
        if (r >= 0)
                r = fd_new_sealed("files", list.data, list.size);
        if (r < 0)
                return system_failure_set(reterr, r, "Cannot list the artifact's files");
        return r;
}

static int open_artifact(
                const Artifact *artifact,
                const Store *store,
                WorkerFds *fds,
                Failure *reterr) {
        _cleanup_manifest_ Manifest manifest = {};
        int r = artifact_read_manifest(artifact, store, /* ret_text= */ NULL, &manifest, reterr);

        if (r >= 0)
                r = fds->files = write_list(&manifest, reterr);
        if (r >= 0)
                r = fds->output = artifact_open_files(artifact, store, reterr);
        return r;
}

static int prepare_export(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr) {
        const Artifact *artifact = manager_find_artifact(manager, job->artifact);
        int r;

        job->task.order.verb = ORDER_EXPORT;
        if (!artifact)
                return failure_set(
                                reterr,
                                -ESTALE,
                                "Artifact %u was removed meanwhile; build it again.",
                                job->artifact);
        r = open_artifact(artifact, manager->store, fds, reterr);
        return r < 0 ? r : open_roots(manager, job, fds, reterr);
}

static int prepare_restore(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr) {
        job->task.order.verb = ORDER_RESTORE;
        return open_roots(manager, job, fds, reterr);
}

/* A record that cannot be written makes the list of targets wrong, not the job. */
static void end_change(Manager *manager, const Job *job, TargetEnd end) {
        Target *target = manager_find_target(manager, job->target);
        Failure failure = {};

        if (target && target_end_change(target, manager->store, end, &failure) < 0)
                log_trouble(failure.error, "%s", failure.message);
}

static void complete(Manager *manager, Job *job) {
        end_change(manager, job, TARGET_CHANGED);
}

static void give_up_restore(Manager *manager, Job *job) {
        end_change(manager, job, TARGET_INTERRUPTED);
}

static void give_up_export(Manager *manager, Job *job) {
        const Target *target = manager_find_target(manager, job->target);

        end_change(manager, job, TARGET_INTERRUPTED);
        if (target)
                target_sweep(target);
}

const JobWorkKind job_export = {
        .prepare = prepare_export,
        .complete = complete,
        .give_up = give_up_export,
};
const JobWorkKind job_restore = {
        .prepare = prepare_restore,
        .complete = complete,
        .give_up = give_up_restore,
};
