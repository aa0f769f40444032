/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The properties of a job as the client sees them: one table for reading, deciding and printing. */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "client/table-out.h"
#include "common/failure.h"

typedef enum JobProperty {
        JOB_ID,
        JOB_KIND,
        JOB_TITLE,
        JOB_COOKIE,
        JOB_OWNER,
        JOB_STATE,
        JOB_STAGE,
        JOB_PROGRESS,
        JOB_CANCELLABLE,
        JOB_CREATED,
        JOB_STARTED,
        JOB_FINISHED,
        JOB_ARTIFACT,
        JOB_ERROR_NAME,
        JOB_ERROR_MESSAGE,
        _JOB_PROPERTY_MAX,
} JobProperty;

extern const Column job_columns[_JOB_PROPERTY_MAX];

typedef struct Job {
        Value values[_JOB_PROPERTY_MAX];
} Job;

/* Asks for all of them. */
int job_read(sd_bus *bus, const char *path, Job *job, Failure *reterr);

/* Takes what a PropertiesChanged or GetAll message has, which stands at its `a{sv}`. */
int job_update(sd_bus_message *m, Job *job);

/* "" for a text that was not read. */
const char *job_text(const Job *job, JobProperty property);

/* False also while nothing was read. */
bool job_has_ended(const Job *job);

/* 0 for a job that is "done", else its error with its sentence. */
int job_result(const Job *job, Failure *reterr);

void job_done(Job *job);
#define _cleanup_job_ _cleanup_(job_done)
