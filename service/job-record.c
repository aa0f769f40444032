/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A job's record: one table of members, and beside it the two that are words. Parsing is pure; what
 * is refused, recovery puts into quarantine.
 */

#include "service/job.h"

#include <assert.h>
#include <string.h>

#include "common/strings.h"
#include "service/record.h"

static const RecordMember members[] = {
        { "id", RECORD_U32, offsetof(Job, id) },
        { "owner", RECORD_U32, offsetof(Job, owner) },
        { "title", RECORD_TEXT, offsetof(Job, title) },
        { "cookie", RECORD_TEXT, offsetof(Job, cookie) },
        { "target", RECORD_TEXT, offsetof(Job, target) },
        { "artifact", RECORD_U32, offsetof(Job, artifact) },
        { "created", RECORD_U64, offsetof(Job, created_usec) },
        { "started", RECORD_U64, offsetof(Job, started_usec) },
        { "finished", RECORD_U64, offsetof(Job, finished_usec) },
        { "progress", RECORD_U32, offsetof(Job, progress_permille) },
        { "errorName", RECORD_TEXT, offsetof(Job, error_name) },
        { "errorMessage", RECORD_TEXT, offsetof(Job, error_message) },
};

int job_format_record(const Job *job, char **ret_text) {
        _cleanup_json_ Json json = {};

        record_begin(&json);
        json_string(&json, "kind", job_kind_to_string(job->kind));
        json_string(&json, "state", job_state_to_string(job->state));
        record_write(&json, members, ELEMENTSOF(members), job);
        json_end_object(&json);
        return json_finish(&json, ret_text);
}

static int read_job(const YamlNode *root, Job *job, Failure *reterr) {
        int r = record_read(root, members, ELEMENTSOF(members), job, reterr);

        if (r < 0)
                return r;
        job->kind = job_kind_from_string(yaml_string(yaml_get(root, "kind")));
        job->state = job_state_from_string(yaml_string(yaml_get(root, "state")));
        if (job->kind < 0 || job->state < 0 || job->id == 0 || job->id == UINT32_MAX ||
            job->progress_permille > 1000)
                return failure_set(reterr, -EIO, "The record is not one of a job.");
        return 0;
}

int job_parse_record(const char *text, size_t size, Job **ret, Failure *reterr) {
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        _cleanup_(job_freep) Job *job = NULL;
        int r;

        assert(text && ret);

        r = record_parse(text, size, &tree, reterr);
        if (r < 0)
                return r;
        job = calloc(1, sizeof(*job));
        if (!job)
                return -ENOMEM;
        *job = (Job){ .task = JOB_TASK_NULL, .log_fd = -EBADF };
        r = read_job(yaml_tree_root(tree), job, reterr);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(job);
        return 0;
}

int job_load(const Store *store, uint32_t id, Job **ret, Failure *reterr) {
        _cleanup_(job_freep) Job *job = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = record_load(store->jobs_fd, id, &text, &size, reterr);
        if (r >= 0)
                r = job_parse_record(text, size, &job, reterr);
        if (r < 0)
                return r;
        if (job->id != id)
                return failure_set(
                                reterr,
                                -EIO,
                                "The record of job %u is that of %u.",
                                id,
                                job->id);
        *ret = TAKE_PTR(job);
        return 0;
}
