/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Records of running jobs. The text is made by the service and only written by the child, which holds
 * the store's lock: no other service reads a record that is about to change.
 */

#include "service/job-saver.h"

#include <assert.h>
#include <errno.h>

#include "service/log-events.h"

struct Saver {
        Manager *manager;
        Job *job;
        Chore *chore; /* under way */
        bool again;   /* something has changed meanwhile */
        void (*callback)(void *userdata);
        void *userdata;
};

typedef struct Record {
        const Store *store;
        uint32_t id;
        const char *text;
} Record;

static int write_record(const void *argument, Failure *reterr) {
        const Record *record = argument;

        return job_write_record(record->store, record->id, record->text, reterr);
}

static int start(
                Chore **ret,
                Manager *manager,
                const Job *job,
                const char *text,
                ChoreCallback callback,
                void *userdata) {
        const Store *store = manager->store;
        const Record record = { store, job->id, text };
        const ChoreWork work = { .run = write_record,
                                 .argument = &record,
                                 .fds = { store->jobs_fd, store->lock_fd },
                                 .n_fds = 2 };

        return chore_start(ret, manager->event, &work, callback, userdata);
}

int saver_new(Saver **ret, Manager *manager, Job *job) {
        Saver *saver = calloc(1, sizeof(*saver));

        if (!saver)
                return -ENOMEM;
        *saver = (Saver){ .manager = manager, .job = job };
        *ret = saver;
        return 0;
}

static void on_written(const Failure *why, void *userdata) {
        Saver *saver = userdata;

        chore_free(saver->chore);
        saver->chore = NULL;
        if (why)
                log_trouble(why->error, "%s", why->message);
        if (saver->callback)
                saver->callback(saver->userdata);
        else if (saver->again)
                saver_save(saver);
}

void saver_save(Saver *saver) {
        _cleanup_free_ char *text = NULL;
        int r;

        saver->again = saver->chore;
        if (saver->chore)
                return;
        r = job_format_record(saver->job, &text);
        if (r >= 0)
                r = start(&saver->chore, saver->manager, saver->job, text, on_written, saver);
        if (r < 0)
                log_trouble(r, "The record of job %u is not written now.", saver->job->id);
}

void saver_finish(Saver *saver, void (*callback)(void *userdata), void *userdata) {
        if (saver->chore) {
                saver->callback = callback;
                saver->userdata = userdata;
        } else
                callback(userdata);
}

int saver_start_end(
                Chore **ret,
                Manager *manager,
                const Job *job,
                const JobEnd *end,
                ChoreCallback callback,
                void *userdata) {
        _cleanup_free_ char *text = NULL;
        int r = job_format_end(job, end, &text);

        return r < 0 ? r : start(ret, manager, job, text, callback, userdata);
}

Saver *saver_free(Saver *saver) {
        if (!saver)
                return NULL;
        chore_free(saver->chore);
        free(saver);
        return NULL;
}
