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
#include "service/images.h"
#include "service/log-events.h"
#include "service/record.h"
#include "service/system-failure.h"

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

/* Where the job was, and what happened to it: another kernel runs than the one that it ran under, or
 * the same. */
static void say_interrupted(const Job *job, Failure *ret) {
        bool same_boot = !job->boot_id || *job->boot_id == '\0' ||
                         str_equal(job->boot_id, job_boot_id());
        const char *event = same_boot ? "The service ended"
                                      : "The machine lost power or was restarted";

        if (job->state == JOB_QUEUED)
                (void) failure_set(
                                ret,
                                -EINTR,
                                "%s while the job was queued; start it again.",
                                event);
        else if (job->stage[0] == '\0')
                (void) failure_set(
                                ret,
                                -EINTR,
                                "%s when the job had just begun; start it again.",
                                event);
        else
                (void) failure_set(
                                ret,
                                -EINTR,
                                "%s while the job was at stage '%s'; start it again.",
                                event,
                                job->stage);
}

static void end_interrupted(Manager *manager, Job *job) {
        Failure why = {}, failure = {};
        JobEnd end;
        int r;

        say_interrupted(job, &why);
        end = job_end_now(JOB_INTERRUPTED, &why);
        r = job_end(job, &end, manager->store, &failure);
        if (r < 0) {
                (void) failure_default(&failure, r, "The record cannot be written");
                log_trouble(failure.error, "%s", failure.message);
        }
        log_job(&log_event_job_failed, job, why.error, why.message);
}

/* The making of a job was interrupted: there is no record, nor a line of a log. Nobody has heard of
 * it. */
static bool is_unborn(int jobs_fd, const char *name) {
        int folder_fd = fd_open_beneath(jobs_fd, name, O_RDONLY | O_DIRECTORY, 0);
        bool has_nothing = true;
        _cleanup_closedir_ DIR *d = folder_fd < 0 ? NULL : fs_opendir(folder_fd);
        struct stat st;

        if (!d)
                return false;
        for (struct dirent *e = fs_readdir(d); e && has_nothing; e = fs_readdir(d))
                has_nothing = str_equal(e->d_name, "." RECORD_NAME ".new") ||
                              (str_equal(e->d_name, "log") &&
                               fstatat(dirfd(d), "log", &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
                               st.st_size == 0);
        return has_nothing && errno == 0;
}

static int recover_job(Manager *manager, uint32_t id, Failure *reterr) {
        _cleanup_(job_freep) Job *job = NULL;
        char name[STORE_NAME_SIZE];
        int r = job_load(manager->store, id, &job, reterr);

        if (r < 0) {
                (void) snprintf(name, sizeof(name), "%u", id);
                if (r == -ENOMEM || !is_unborn(manager->store->jobs_fd, name))
                        return r;
                remove_leftover(manager->store->jobs_fd, name);
                return 0;
        }
        if (job_is_living(job))
                end_interrupted(manager, job);
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
                uint32_t id = 0;

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

/* What is on disk decides. The rename that makes an artifact may be the last thing that a service did:
 * then its job is not interrupted, but done. And a job that failed, because it could not be recorded as
 * done, has no artifact. */
static void settle_build(Manager *manager, Job *job) {
        Artifact *artifact = manager_find_artifact(manager, job->id);
        Failure failure = {};
        int r = 0;

        if (job->kind != JOB_BUILD || job->state == JOB_DONE || !artifact)
                return;
        if (job->state == JOB_INTERRUPTED)
                r = job_correct_to_done(job, manager->store, &failure);
        else
                r = manager_remove_artifact(manager, artifact, &failure);
        if (r < 0) {
                (void) failure_default(&failure, r, "Job %u cannot be settled", job->id);
                log_trouble(failure.error, "%s", failure.message);
        }
}

/* Numbers of which nothing is left in the store must not be given again. */
static void keep_numbers(Manager *manager) {
        const Job *last = manager->jobs.n_items > 0 ? manager->jobs.items[manager->jobs.n_items - 1]
                                                    : NULL;
        Failure failure = {};

        if (last && last->id == manager->store->last_id)
                return;
        if (store_keep_id(manager->store, &failure) < 0)
                log_trouble(failure.error, "%s", failure.message);
}

/* Images that were being copied when the service ended. A folder that is not there has none. */
static void discard_imports(Manager *manager) {
        _cleanup_close_ int folder_fd = images_open_folder(
                        manager->settings->images,
                        /* reterr= */ NULL);
        int r = folder_fd < 0 ? 0 : images_discard(folder_fd, /* job= */ 0);

        if (r < 0)
                log_trouble(r, "Ignoring what was left in the folder of images: %s", strerror(-r));
}

int recovery_run(Manager *manager, Failure *reterr) {
        int r = recover_folder(manager, manager->store->jobs_fd, recover_job);

        if (r >= 0)
                r = recover_folder(manager, manager->store->artifacts_fd, recover_artifact);
        if (r < 0)
                return system_failure_set(reterr, r, "Cannot read what an earlier service left");
        for (size_t i = 0; i < manager->n_targets; i++)
                target_sweep(&manager->targets[i]);
        for (size_t i = 0; i < manager->jobs.n_items; i++)
                settle_build(manager, manager->jobs.items[i]);
        discard_imports(manager);
        if (image_records_load(&manager->image_records, manager->store->image_records_fd) < 0)
                return -ENOMEM;
        keep_numbers(manager);
        return 0;
}
