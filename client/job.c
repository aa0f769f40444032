/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The properties of a job. A state that this client does not know counts as an end: it waits for no
 * job that it does not understand. */

#include "client/job.h"

#include <errno.h>

#include "client/call.h"
#include "common/strings.h"
#include "dbus/errors.h"
#include "dbus/names.h"

const Column job_columns[_JOB_PROPERTY_MAX] = {
        [JOB_ID] = { "Id", "id", 'u', COLUMN_PLAIN },
        [JOB_KIND] = { "Kind", "kind", 's', COLUMN_PLAIN },
        [JOB_TITLE] = { "Title", "title", 's', COLUMN_PLAIN },
        [JOB_COOKIE] = { "Cookie", "cookie", 's', COLUMN_PLAIN },
        [JOB_OWNER] = { "OwnerUID", "ownerUid", 'u', COLUMN_USER },
        [JOB_STATE] = { "State", "state", 's', COLUMN_PLAIN },
        [JOB_STAGE] = { "Stage", "stage", 's', COLUMN_PLAIN },
        [JOB_PROGRESS] = { "Progress", "progressPermille", 'd', COLUMN_PROGRESS },
        [JOB_CANCELLABLE] = { "Cancellable", "cancellable", 'b', COLUMN_YES },
        [JOB_CREATED] = { "Created", "created", 't', COLUMN_TIME },
        [JOB_STARTED] = { "Started", "started", 't', COLUMN_TIME },
        [JOB_FINISHED] = { "Finished", "finished", 't', COLUMN_TIME },
        [JOB_ARTIFACT] = { "Artifact", "artifact", 'o', COLUMN_PLAIN },
        [JOB_ERROR_NAME] = { "ErrorName", "errorName", 's', COLUMN_PLAIN },
        [JOB_ERROR_MESSAGE] = { "ErrorMessage", "errorMessage", 's', COLUMN_PLAIN },
};

int job_update(sd_bus_message *m, Job *job) {
        return record_read(m, job_columns, ELEMENTSOF(job_columns), job->values);
}

int job_read(sd_bus *bus, const char *path, Job *job, Failure *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r = call_get_all(bus, path, &reply, reterr);

        if (r < 0)
                return r;
        r = job_update(reply, job);
        if (r >= 0 && !*job_text(job, JOB_STATE))
                r = -ENXIO;
        return r < 0 ? call_garbled(r, reterr) : 0;
}

const char *job_text(const Job *job, JobProperty property) {
        return job->values[property].text ?: "";
}

bool job_has_ended(const Job *job) {
        const char *state = job_text(job, JOB_STATE);

        return *state && !str_equal(state, BUS_JOB_QUEUED) && !str_equal(state, BUS_JOB_RUNNING);
}

int job_result(const Job *job, Failure *reterr) {
        const char *state = job_text(job, JOB_STATE), *message = job_text(job, JOB_ERROR_MESSAGE);
        int error = bus_error_to_errno(job_text(job, JOB_ERROR_NAME));

        if (str_equal(state, BUS_JOB_DONE))
                return 0;
        if (error == ECANCELED)
                message = ""; /* would say the same */
        if (error == EINVAL || error == EACCES || error == EPERM)
                error = EIO; /* of the job, not of this command line */
        return failure_set(
                        reterr,
                        -error,
                        "Job %u %s%s%s%s",
                        (unsigned) job->values[JOB_ID].number,
                        str_equal(state, BUS_JOB_FAILED) ? "" : "was ",
                        state,
                        *message ? ": " : ".",
                        message);
}

void job_done(Job *job) {
        values_clear(job->values, ELEMENTSOF(job->values));
}
