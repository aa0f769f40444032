/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Recovery. Workers die with the service (their lifeline ends), and with a worker die its mounts and
 * loop devices, so that only files are left to be swept away here.
 */

#include "service/recovery.h"

#include <errno.h>
#include <fcntl.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "service/log-events.h"

#define INTERRUPTED "The service ended while the job was queued or running; start it again."

static void complain(int error, const char *name, const char *what) {
        log_event(&log_event_trouble,
                  error,
                  /* fields= */ NULL,
                  "'%s': %s, ignoring: %s",
                  name,
                  what,
                  strerror(-error));
}

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
static bool name_to_id(const char *name, uint32_t *ret_id) {
        uint64_t id;

        if (*name == '0' || str_to_u64(name, UINT32_MAX - 1, &id) < 0)
                return false;
        *ret_id = (uint32_t) id;
        return true;
}

static void quarantine(int folder_fd, const char *name, const Failure *failure) {
        int r = store_quarantine(folder_fd, name);

        log_event(&log_event_trouble,
                  failure->error,
                  /* fields= */ NULL,
                  "'%s' goes into quarantine: %s",
                  name,
                  failure->message);
        if (r < 0)
                complain(r, name, "cannot be moved");
}

static void remove_leftover(int folder_fd, const char *name) {
        int r = fs_remove_tree(folder_fd, name);

        if (r < 0)
                complain(r, name, "cannot be removed");
}

static int load_job(const Store *store, uint32_t id, Job **ret, Failure *reterr) {
        _cleanup_free_ char *path = str_printf("%u/record.json", id), *text = NULL;
        _cleanup_(job_freep) Job *job = NULL;
        _cleanup_close_ int fd = -EBADF;
        size_t size;
        int r;

        if (!path)
                return -ENOMEM;
        fd = fd_open_beneath(store->jobs_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        r = fd < 0 ? fd : fd_pread_all(fd, JOB_RECORD_MAX_BYTES, &text, &size);
        if (r < 0)
                return failure_set_errno(reterr, r, "its record cannot be read");
        r = job_parse_record(text, size, &job, reterr);
        if (r < 0)
                return failure_default(reterr, r, "its record cannot be read");
        if (job->id != id)
                return failure_set(reterr, -EBADMSG, "its record is that of job %u", job->id);
        *ret = TAKE_PTR(job);
        return 0;
}

static int recover_job(Manager *manager, uint32_t id, const char *name) {
        _cleanup_(job_freep) Job *job = NULL;
        Failure failure = {};
        int r;

        r = load_job(manager->store, id, &job, &failure);
        if (r == -ENOMEM)
                return r;
        store_note_id(manager->store, id);
        if (r < 0) {
                quarantine(manager->store->jobs_fd, name, &failure);
                return 0;
        }
        if (job_is_living(job)) {
                (void) failure_set(&failure, -EINTR, INTERRUPTED);
                if (job_end(job, JOB_INTERRUPTED, &failure, manager->store, &failure) < 0)
                        complain(failure.error, name, failure.message);
                log_event(&log_event_job_failed,
                          -EINTR,
                          /* fields= */ NULL,
                          "Job %u was interrupted.",
                          id);
        }
        return manager_adopt_job(manager, TAKE_PTR(job));
}

static int recover_jobs(Manager *manager) {
        _cleanup_strv_ char **names = NULL;
        int r = list_names(manager->store->jobs_fd, &names);

        for (char **name = names; r >= 0 && name && *name; name++) {
                Failure failure = {};
                uint32_t id;

                if (str_equal(*name, STORE_QUARANTINE))
                        continue;
                if (name_to_id(*name, &id))
                        r = recover_job(manager, id, *name);
                else {
                        (void) failure_set(&failure, -EBADMSG, "it is not the name of a job");
                        quarantine(manager->store->jobs_fd, *name, &failure);
                }
        }
        return r;
}

static int recover_artifact(Manager *manager, uint32_t id, const char *name) {
        Failure failure = {};
        Artifact *artifact;
        int r = artifact_load(manager->store, id, &artifact, &failure);

        if (r == -ENOMEM)
                return r;
        store_note_id(manager->store, id);
        if (r >= 0)
                return manager_adopt_artifact(manager, artifact);
        quarantine(manager->store->artifacts_fd, name, &failure);
        return 0;
}

static int recover_artifacts(Manager *manager) {
        _cleanup_strv_ char **names = NULL;
        int folder_fd = manager->store->artifacts_fd, r = list_names(folder_fd, &names);

        for (char **name = names; r >= 0 && name && *name; name++) {
                Failure failure = {};
                uint32_t id;

                if (str_equal(*name, STORE_QUARANTINE))
                        continue;
                if (name_to_id(*name, &id))
                        r = recover_artifact(manager, id, *name);
                else if (str_after_prefix(*name, ".new-") || str_after_prefix(*name, ".gone-"))
                        remove_leftover(folder_fd, *name);
                else {
                        (void) failure_set(&failure, -EBADMSG, "it is not the name of an artifact");
                        quarantine(folder_fd, *name, &failure);
                }
        }
        return r;
}

static int sweep_scratch(Manager *manager) {
        _cleanup_strv_ char **names = NULL;
        int r = list_names(manager->store->scratch_fd, &names);

        STRV_FOREACH(name, names)
                if (str_after_prefix(*name, "job-"))
                        remove_leftover(manager->store->scratch_fd, *name);
        return r;
}

/* The rename that makes an artifact may be the last thing that a service did: then its job is not
 * interrupted, but done. */
static void finish_published(Manager *manager) {
        for (size_t i = 0; i < manager->n_jobs; i++) {
                Job *job = manager->jobs[i];

                if (job->kind == JOB_BUILD && job->artifact == 0 &&
                    manager_find_artifact(manager, job->id)) {
                        Failure failure = {};

                        if (job_correct_to_done(job, manager->store, &failure) < 0)
                                complain(failure.error, "record", failure.message);
                }
        }
}

int recovery_run(Manager *manager, Failure *reterr) {
        int r = recover_jobs(manager);

        if (r >= 0)
                r = recover_artifacts(manager);
        if (r >= 0)
                r = sweep_scratch(manager);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot read what an earlier service left");
        for (size_t i = 0; i < manager->settings->n_targets; i++)
                target_sweep(&manager->targets[i]);
        finish_published(manager);
        return 0;
}
