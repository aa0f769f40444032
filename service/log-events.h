/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the service logs for administrators: one row for each event, so that `journalctl
 * MESSAGE_ID=…` finds it, and the fields that go with it. `journalctl PXED_JOB_ID=7` tells a job's
 * whole story.
 */

#include "common/log.h"
#include "service/job.h"

extern const LogEvent log_event_job_started;
extern const LogEvent log_event_job_ended;
extern const LogEvent log_event_job_failed;
extern const LogEvent log_event_trouble;
extern const LogEvent log_event_fatal;

/* A job's event, with the job's fields. `error` is a negative errno or 0. */
void log_job(const LogEvent *event, const Job *job, int error, const char *message);

/* A record, a leftover or a target that is not as it should be; the service goes on. */
void log_trouble(int error, const char *format, ...) _printf_(2, 3);
