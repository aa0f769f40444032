/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An export's side of the work, and a restore's: the worker gets the folders that hold the target's
 * roots, and builds beside them; what it has done is noted for the target.
 */

#include <errno.h>

#include "common/strings.h"
#include "service/log-events.h"
#include "service/work.h"

static int open_roots(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr) {
        _cleanup_target_root_ TargetRoot tftp = TARGET_ROOT_NULL, http = TARGET_ROOT_NULL;
        const Target *target = manager_find_target(manager, job->target);
        Order *order = &job->task.order;
        int r;

        if (!target)
                return failure_set(reterr, -EHOSTUNREACH, "There is no target '%s'.", job->target);
        r = target_open_root(target->settings->tftp_root, &tftp, reterr);
        if (r >= 0)
                r = target_open_root(target->settings->http_root, &http, reterr);
        if (r < 0)
                return r;
        fds->tftp = TAKE_FD(tftp.folder_fd);
        fds->http = TAKE_FD(http.folder_fd);
        order->tftp_name = TAKE_PTR(tftp.name);
        order->http_name = TAKE_PTR(http.name);
        return 0;
}

static int prepare_export(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr) {
        const Artifact *artifact = manager_find_artifact(manager, job->artifact);

        job->task.order.verb = ORDER_EXPORT;
        if (!artifact)
                return failure_set(reterr, -ESTALE, "Artifact %u is gone.", job->artifact);
        fds->output = artifact_open_files(artifact, manager->store, reterr);
        return fds->output < 0 ? fds->output : open_roots(manager, job, fds, reterr);
}

static int prepare_restore(Manager *manager, Job *job, WorkerFds *fds, Failure *reterr) {
        job->task.order.verb = ORDER_RESTORE;
        return open_roots(manager, job, fds, reterr);
}

/* The files are in place and served; a note that is missing makes ListTargets() incomplete, not the
 * export a failure. */
static int complete(Manager *manager, Job *job, Failure *reterr) {
        Target *target = manager_find_target(manager, job->target);
        Failure failure = {};
        int r = 0;

        (void) reterr;
        if (target && job->kind == JOB_EXPORT)
                r = target_note_export(target, manager->store, job->artifact, &failure);
        else if (target)
                r = target_note_restore(target, manager->store, &failure);
        if (r < 0)
                log_event(&log_event_trouble,
                          failure.error,
                          /* fields= */ NULL,
                          "%s",
                          failure.message);
        return 0;
}

static void sweep(Manager *manager, Job *job) {
        const Target *target = manager_find_target(manager, job->target);

        if (target)
                target_sweep(target);
}

const WorkKind export_work = { prepare_export, complete, sweep };
const WorkKind restore_work = { prepare_restore, complete, /* sweep= */ NULL };
