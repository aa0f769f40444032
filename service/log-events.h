/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the service logs for administrators: one row for each event, so that `journalctl
 * MESSAGE_ID=…` finds it, and the fields that go with it. `journalctl PXED_JOB_ID=7` tells a job's
 * whole story.
 */

#include <syslog.h>

#include "common/log.h"

/* Fields. */
#define LOG_FIELD_JOB_ID     "PXED_JOB_ID"
#define LOG_FIELD_JOB_KIND   "PXED_JOB_KIND"
#define LOG_FIELD_CALLER_UID "PXED_CALLER_UID"

static const LogEvent log_event_job_started = { "937f98af2c0947418fd2f2eb74df03c8", LOG_INFO };
static const LogEvent log_event_job_ended = { "1a505be814de4a788db2fbc43a4a0fac", LOG_INFO };
static const LogEvent log_event_job_failed = { "325856ad8e31414db9342735842421df", LOG_WARNING };
/* A record, a leftover or a target that is not as it should be; the service goes on. */
static const LogEvent log_event_trouble = { "26ba3a787c724b4389888b4bdf47d031", LOG_WARNING };
/* The service cannot start or go on. */
static const LogEvent log_event_fatal = { "ded2e3c857f448f8980019d7cc1274e8", LOG_ERR };
