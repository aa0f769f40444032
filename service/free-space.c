/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Keeping space free. One job at a time is ended, the newest, which has the least to lose; the next is
 * looked for when what that one used has been given back.
 */

#include "service/free-space.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/statvfs.h>

#include "service/job-work.h"

#define INTERVAL_USEC UINT64_C(1000000)
#define SHARE         20
#define MOST_BYTES    (UINT64_C(2) << 30)

struct FreeSpace {
        Manager *manager;
        sd_event_source *timer;
};

uint64_t free_space_needed(uint64_t wanted_bytes, uint64_t total_bytes) {
        uint64_t share = total_bytes / SHARE;

        if (wanted_bytes != SETTINGS_FREE_BYTES_AUTO)
                return wanted_bytes;
        return share < MOST_BYTES ? share : MOST_BYTES;
}

/* The job to end; NULL when none runs, or when one is being ended and what it frees is to be awaited. */
static Job *find_newest(const Manager *manager) {
        Job *newest = NULL;

        for (size_t i = 0; i < manager->jobs.n_items; i++) {
                Job *job = manager->jobs.items[i];

                if (!job->work)
                        continue;
                if (job->ending)
                        return NULL;
                newest = job; /* the list is by number */
        }
        return newest;
}

/* Returns 1 when there is too little. */
static int judge_folder(
                const Settings *settings,
                int folder_fd,
                const char *path,
                Failure *ret_failure) {
        uint64_t free_bytes, needed_bytes;
        struct statvfs st;

        if (fstatvfs(folder_fd, &st) < 0)
                return -errno;
        free_bytes = (uint64_t) st.f_bavail * st.f_frsize;
        needed_bytes = free_space_needed(
                        settings->free_bytes,
                        (uint64_t) st.f_blocks * st.f_frsize);
        if (free_bytes >= needed_bytes)
                return 0;
        (void) failure_set(
                        ret_failure,
                        -ENOSPC,
                        "The job was ended, as only %" PRIu64
                        " bytes of space were left in the service's folder '%s', and %" PRIu64
                        " have to stay free (limits.freeBytes): free some there, then start it again.",
                        free_bytes,
                        path,
                        needed_bytes);
        return 1;
}

static int on_timer(sd_event_source *source, uint64_t usec _unused_, void *userdata) {
        FreeSpace *space = userdata;
        const Manager *manager = space->manager;
        const Settings *settings = manager->settings;
        const struct {
                int fd;
                const char *path;
        } folders[] = {
                { manager->store->artifacts_fd, settings->state },
                { manager->store->scratch_fd, settings->scratch },
        };
        Job *job = find_newest(manager);

        for (size_t i = 0; job && i < ELEMENTSOF(folders); i++) {
                Failure why = {};

                if (judge_folder(settings, folders[i].fd, folders[i].path, &why) <= 0)
                        continue;
                job_work_cancel(job, JOB_FAILED, &why);
                break;
        }
        (void) sd_event_source_set_time_relative(source, INTERVAL_USEC);
        return 0;
}

int free_space_new(FreeSpace **ret, Manager *manager) {
        _cleanup_(free_space_freep) FreeSpace *space = calloc(1, sizeof(*space));
        int r;

        assert(ret && manager);

        if (!space)
                return -ENOMEM;
        *space = (FreeSpace){ .manager = manager };
        r = sd_event_add_time_relative(
                        manager->event,
                        &space->timer,
                        CLOCK_MONOTONIC,
                        INTERVAL_USEC,
                        /* accuracy= */ 0,
                        on_timer,
                        space);
        if (r >= 0)
                r = sd_event_source_set_enabled(space->timer, SD_EVENT_ON);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(space);
        return 0;
}

FreeSpace *free_space_free(FreeSpace *space) {
        if (!space)
                return NULL;
        sd_event_source_disable_unref(space->timer);
        free(space);
        return NULL;
}
