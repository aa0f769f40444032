/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Recovery of records. Workers die with the service (their lifeline ends); what jobs had beside their
 * records was swept away before (service/sandbox.h).
 */

#include "service/recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "service/log-events.h"
#include "service/system-failure.h"

#define INTERRUPTED "The service ended while the job was queued or running; start it again."

/* The names in a folder: first all, then one by one, as they are renamed meanwhile. */
static int list_names(int folder_fd, char ***ret) {
        int fd = fd_open_beneath(folder_fd, ".", O_RDONLY | O_DIRECTORY, 0);
        _cleanup_strv_ char **names = NULL;
        _cleanup_closedir_ DIR *d = NULL;

        if (fd < 0)
                return fd;
        d = fs_opendir(fd);
        if (!d)
                return -errno;
        for (struct dirent *e = fs_readdir(d); e; e = fs_readdir(d))
                if (strv_append(&names, e->d_name) < 0)
                        return -ENOMEM;
        *ret = TAKE_PTR(names);
        return 0;
}

/* As the service spells numbers. */
static int name_to_id(const char *name, uint32_t *ret_id, Failure *reterr) {
        uint64_t id;

        if (*name == '0' || str_to_u64(name, UINT32_MAX - 1, &id) < 0)
                return failure_set(reterr, -EIO, "This is not the number of a job.");
        *ret_id = (uint32_t) id;
        return 0;
}

static void quarantine(int folder_fd, const char *name, const Failure *failure) {
        int r = store_quarantine(folder_fd, name);

        log_trouble(failure->error, "'%s' goes into quarantine: %s", name, failure->message);
        if (r < 0)
                log_trouble(r, "'%s' cannot be moved, ignoring: %s", name, strerror(-r));
}

static void remove_leftover(int folder_fd, const char *name) {
        int r = fs_remove_tree(folder_fd, name);

        if (r < 0)
                log_trouble(r, "'%s' cannot be removed, ignoring: %s", name, strerror(-r));
}

static int recover_job(Manager *manager, uint32_t id, Failure *reterr) {
        _cleanup_(job_freep) Job *job = NULL;
        int r = job_load(manager->store, id, &job, reterr);

        if (r < 0)
                return r;
        if (job_is_living(job)) {
                Failure why = {}, failure = {};

                (void) failure_set(&why, -EINTR, INTERRUPTED);
                if (job_end(job, JOB_INTERRUPTED, &why, manager->store, &failure) < 0)
                        log_trouble(failure.error, "%s", failure.message);
                log_job(&log_event_job_failed, job, why.error, why.message);
        }
        return manager_adopt_job(manager, TAKE_PTR(job));
}

static int recover_artifact(Manager *manager, uint32_t id, Failure *reterr) {
        _cleanup_(artifact_freep) Artifact *artifact = NULL;
        int r = artifact_load(manager->store, id, &artifact, reterr);

        return r < 0 ? r : manager_add_artifact(manager, TAKE_PTR(artifact));
}

static bool is_leftover(const char *name) {
        return str_after_prefix(name, STORE_NEW) || str_after_prefix(name, STORE_GONE);
}

typedef int (*RecoverFn)(Manager *manager, uint32_t id, Failure *reterr);

/* A folder of records by number. Only memory being out ends it. */
static int recover_folder(Manager *manager, int folder_fd, RecoverFn recover) {
        _cleanup_strv_ char **names = NULL;
        int r = list_names(folder_fd, &names);

        if (r < 0)
                return r;
        STRV_FOREACH(name, names) {
                Failure failure = {};
                uint32_t id;

                if (str_equal(*name, STORE_QUARANTINE))
                        continue;
                if (is_leftover(*name)) {
                        remove_leftover(folder_fd, *name);
                        continue;
                }
                r = name_to_id(*name, &id, &failure);
                if (r >= 0) {
                        store_note_id(manager->store, id);
                        r = recover(manager, id, &failure);
                }
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        quarantine(folder_fd, *name, &failure);
        }
        return 0;
}

/* The rename that makes an artifact may be the last thing that a service did: then its job is not
 * interrupted, but done. */
static void finish_published(Manager *manager) {
        for (size_t i = 0; i < manager->jobs.n_items; i++) {
                Job *job = manager->jobs.items[i];
                Failure failure = {};

                if (job->kind == JOB_BUILD && job->artifact == 0 &&
                    manager_find_artifact(manager, job->id) &&
                    job_correct_to_done(job, manager->store, &failure) < 0)
                        log_trouble(failure.error, "%s", failure.message);
        }
}

int recovery_run(Manager *manager, Failure *reterr) {
        int r = recover_folder(manager, manager->store->jobs_fd, recover_job);

        if (r >= 0)
                r = recover_folder(manager, manager->store->artifacts_fd, recover_artifact);
        if (r < 0)
                return system_failure_set(reterr, r, "Cannot read what an earlier service left");
        for (size_t i = 0; i < manager->n_targets; i++)
                target_sweep(&manager->targets[i]);
        finish_published(manager);
        return 0;
}
