/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a job stands. */

#include "client/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/strings.h"
#include "dbus/names.h"

void progress_init(Progress *progress, bool is_quiet) {
        *progress = (Progress){
                .is_quiet = is_quiet,
                .is_terminal = isatty(STDERR_FILENO) == 1,
        };
}

static uint64_t seconds_of(const Job *job) {
        uint64_t since = job->values[JOB_STARTED].number ?: job->values[JOB_CREATED].number;
        uint64_t until = job->values[JOB_FINISHED].number;
        struct timespec now;

        if (until == 0) {
                (void) clock_gettime(CLOCK_REALTIME, &now);
                until = (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
        }
        return since == 0 || until < since ? 0 : (until - since) / 1000000;
}

static void print_state(const Job *job, const char *stage) {
        uint64_t seconds = seconds_of(job);

        fprintf(stderr,
                "[%3" PRIu64 " %%] %" PRIu64 ":%02" PRIu64 " %s",
                job->values[JOB_PROGRESS].number / 10,
                seconds / 60,
                seconds % 60,
                stage);
}

void progress_show(Progress *progress, const Job *job) {
        const char *state = job_text(job, JOB_STATE), *said = job_text(job, JOB_STAGE);
        char stage[sizeof(progress->stage)];

        if (progress->is_quiet)
                return;
        /* A worker's first moments have no stage yet. */
        if (str_is_empty(said) || !str_equal(state, BUS_JOB_RUNNING))
                said = state;
        (void) snprintf(stage, sizeof(stage), "%s", said);
        str_blank_controls(stage);
        if (progress->is_terminal) {
                fprintf(stderr, "\r\033[K");
                print_state(job, stage);
                progress->has_line = true;
        } else if (!str_equal(stage, progress->stage)) {
                print_state(job, stage);
                fprintf(stderr, "\n");
        }
        memcpy(progress->stage, stage, sizeof(stage));
}

void progress_clear(Progress *progress) {
        if (progress->has_line)
                fprintf(stderr, "\r\033[K");
        progress->has_line = false;
}
