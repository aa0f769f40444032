/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A job's record: JSON with a version. Reading is strict and pure: what does not look exactly like
 * a record of ours is refused as a whole, and the caller puts it into quarantine.
 */

#include "service/job.h"

#include <assert.h>
#include <string.h>

#include "common/json.h"
#include "common/strings.h"
#include "config/yaml.h"

#define RECORD_VERSION 1

int job_format_record(const Job *job, char **ret_text) {
        _cleanup_json_ Json json = {};

        json_begin_object(&json, NULL);
        json_number(&json, "version", RECORD_VERSION);
        json_number(&json, "id", job->id);
        json_number(&json, "owner", job->owner);
        json_string(&json, "kind", job_kind_to_string(job->kind));
        json_string(&json, "state", job_state_to_string(job->state));
        json_string(&json, "title", job->title ? job->title : "");
        json_string(&json, "cookie", job->cookie);
        json_string(&json, "target", job->target);
        json_number(&json, "artifact", job->artifact);
        json_number(&json, "created", job->created_usec);
        json_number(&json, "started", job->started_usec);
        json_number(&json, "finished", job->finished_usec);
        json_number(&json, "progress", job->progress_permille);
        json_string(&json, "errorName", job->error_name);
        json_string(&json, "errorMessage", job->error_message);
        json_end_object(&json);
        return json_finish(&json, ret_text);
}

/* NULL for a missing or null member, a copy otherwise. */
static int read_string(const YamlNode *root, const char *key, char **ret) {
        const YamlNode *node = yaml_get(root, key);
        const char *text = yaml_string(node);
        char *copy;

        if (!node)
                return 0;
        if (!text)
                return -EBADMSG;
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

static int read_u32(const YamlNode *root, const char *key, uint32_t *ret) {
        uint64_t number;

        if (yaml_to_u64(yaml_get(root, key), UINT32_MAX, &number) < 0)
                return -EBADMSG;
        *ret = (uint32_t) number;
        return 0;
}

static int read_strings(const YamlNode *root, Job *job) {
        int r = read_string(root, "title", &job->title);

        if (r >= 0)
                r = read_string(root, "cookie", &job->cookie);
        if (r >= 0)
                r = read_string(root, "target", &job->target);
        if (r >= 0)
                r = read_string(root, "errorName", &job->error_name);
        if (r >= 0)
                r = read_string(root, "errorMessage", &job->error_message);
        return r;
}

static int read_numbers(const YamlNode *root, Job *job) {
        uint32_t progress;
        int r;

        job->kind = job_kind_from_string(yaml_string(yaml_get(root, "kind")));
        job->state = job_state_from_string(yaml_string(yaml_get(root, "state")));
        if (job->kind < 0 || job->state < 0)
                return -EBADMSG;
        r = read_u32(root, "id", &job->id);
        if (r >= 0)
                r = read_u32(root, "owner", &job->owner);
        if (r >= 0)
                r = read_u32(root, "artifact", &job->artifact);
        if (r >= 0)
                r = read_u32(root, "progress", &progress);
        if (r < 0)
                return r;
        if (job->id == 0 || job->id == UINT32_MAX || progress > 1000)
                return -EBADMSG;
        job->progress_permille = progress;
        if (yaml_to_u64(yaml_get(root, "created"), UINT64_MAX, &job->created_usec) < 0 ||
            yaml_to_u64(yaml_get(root, "started"), UINT64_MAX, &job->started_usec) < 0 ||
            yaml_to_u64(yaml_get(root, "finished"), UINT64_MAX, &job->finished_usec) < 0)
                return -EBADMSG;
        return 0;
}

int job_parse_record(const char *text, size_t size, Job **ret, Failure *reterr) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        _cleanup_(job_freep) Job *job = NULL;
        const YamlNode *root;
        uint32_t version;
        int r;

        assert(text && ret);

        if (size > JOB_RECORD_MAX_BYTES)
                return failure_set(reterr, -EBADMSG, "The record is too long.");
        r = yaml_tree_read(text, size, &tree, &diagnostics);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The record is not JSON: %s",
                                diagnostics.n_items > 0 ? diagnostics.items[0].message : "");
        root = yaml_tree_root(tree);
        if (read_u32(root, "version", &version) < 0 || version != RECORD_VERSION)
                return failure_set(reterr, -EBADMSG, "The record is of no known version.");

        job = calloc(1, sizeof(*job));
        if (!job)
                return -ENOMEM;
        *job = (Job){ .task = JOB_TASK_NULL, .log_fd = -EBADF };
        r = read_numbers(root, job);
        if (r >= 0)
                r = read_strings(root, job);
        if (r == -EBADMSG)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The record lacks a member, or one has a wrong type.");
        if (r < 0)
                return r;
        *ret = TAKE_PTR(job);
        return 0;
}
