/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The process of a worker: started with an order and exactly the descriptors that it needs, heard
 * through its report, ended by letting go of its lifeline. What it says is hostile: lines that are
 * no report are dropped, and only the service decides what becomes of the job.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "common/cleanup.h"
#include "common/failure.h"
#include "config/order.h"
#include "config/report.h"
#include "service/launcher.h"

/* How long an orderly end may take, and how long the dying of what a killed worker leaves. */
#define WORKER_KILL_USEC     (UINT64_C(2) * 1000 * 1000)
#define WORKER_PATIENCE_USEC (UINT64_C(5) * 1000 * 1000)

typedef struct Worker Worker;

/* Descriptors to hand over, borrowed until worker_start() returns; the report and the
 * lifeline are made by it. -EBADF for what the worker does not get. */
typedef struct WorkerFds {
        int context;
        int image;
        int scratch;
        int output;
        int tftp;
        int http;
        int lock;
        int files;
        int name;
} WorkerFds;

#define WORKER_FDS_NULL                                                                          \
        (WorkerFds) {                                                                            \
                .context = -EBADF, .image = -EBADF, .scratch = -EBADF, .output = -EBADF,         \
                .tftp = -EBADF, .http = -EBADF, .lock = -EBADF, .files = -EBADF, .name = -EBADF, \
        }

/* Closes them all. */
void worker_fds_done(WorkerFds *fds);

typedef struct WorkerHandler {
        /* Stages, progress, log, diagnostics and facts, as they come; none after on_end(). */
        void (*on_report)(const Report *report, void *userdata);
        /* A line that the worker wrote to its standard output or error; NULL: not wanted. */
        void (*on_output)(const char *line, void *userdata);
        /* Once, after the process has gone. `why` is NULL when its work is complete. Otherwise it is
         * what the worker said; -EINTR when it died and said nothing; -ETIMEDOUT. The process may
         * be freed in here. */
        void (*on_end)(const Failure *why, void *userdata);
        void *userdata;
} WorkerHandler;

/* Starts the launcher's program. Blocks for the exec. Errors: -EIO with a sentence, -ENOMEM. */
int worker_start(
                Worker **ret,
                sd_event *event,
                Launcher *launcher,
                const Order *order,
                const WorkerFds *fds,
                Failure *reterr);
/* Before the event loop runs again; the handler is copied. */
void worker_listen(Worker *worker, const WorkerHandler *handler);
/* Ends the worker after this time. Once. */
int worker_set_timeout(Worker *worker, uint64_t timeout_usec);

/* Lets go of the lifeline, and kills what is still there after WORKER_KILL_USEC. Doing it again
 * changes nothing. */
void worker_cancel(Worker *worker);

/* Kills a worker that still runs; on_end() is not called. */
Worker *worker_free(Worker *worker);
DEFINE_CLEANUP(Worker *, worker_free);
