/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The events' numbers, and the two kinds of events that come up in several places. */

#include "service/log-events.h"

#include <stdarg.h>
#include <syslog.h>

#define MESSAGE_MAX 2048

const LogEvent log_event_job_started = { "937f98af2c0947418fd2f2eb74df03c8", LOG_INFO };
const LogEvent log_event_job_ended = { "1a505be814de4a788db2fbc43a4a0fac", LOG_INFO };
const LogEvent log_event_job_failed = { "325856ad8e31414db9342735842421df", LOG_WARNING };
const LogEvent log_event_trouble = { "26ba3a787c724b4389888b4bdf47d031", LOG_WARNING };
/* The service cannot start or go on. */
const LogEvent log_event_fatal = { "ded2e3c857f448f8980019d7cc1274e8", LOG_ERR };

void log_job(const LogEvent *event, const Job *job, int error, const char *message) {
        char id[16], uid[16];
        const LogField fields[] = {
                { "PXED_JOB_ID", id },
                { "PXED_JOB_KIND", job_kind_to_string(job->kind) },
                { "PXED_CALLER_UID", uid },
                { NULL, NULL },
        };

        (void) snprintf(id, sizeof(id), "%u", job->id);
        (void) snprintf(uid, sizeof(uid), "%u", job->owner);
        log_event(event, error, fields, "Job %u: %s", job->id, message);
}

void log_trouble(int error, const char *format, ...) {
        char message[MESSAGE_MAX];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(message, sizeof(message), format, ap);
        va_end(ap);
        log_event(&log_event_trouble, error, /* fields= */ NULL, "%s", message);
}
