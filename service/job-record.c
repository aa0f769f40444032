/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A job's record: one table of members, and beside it the two that are words. Parsing is pure; what
 * is refused, recovery puts into quarantine.
 */

#include "service/job.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "config/plan-facts.h"
#include "dbus/errors.h"
#include "service/record.h"
#include "service/system-failure.h"

/* What is written can be read again, whatever strangers' text is in the plan and in the rest, which is short. */
static_assert(RECORD_MAX_BYTES >= RECORD_BYTE_MAX * (PLAN_MAX_BYTES + 16U * 1024U),
              "room for a plan");

/* 36 characters, newline, NUL. */
#define BOOT_ID_SIZE 38

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
        { "imageDigest", RECORD_TEXT, offsetof(Job, image_digest) },
        { "configDigest", RECORD_TEXT, offsetof(Job, config_digest) },
        { "errorName", RECORD_TEXT, offsetof(Job, error_name) },
        { "errorMessage", RECORD_TEXT, offsetof(Job, error_message) },
        { "bootId", RECORD_TEXT, offsetof(Job, boot_id) },
        { "plan", RECORD_TEXT, offsetof(Job, plan) },
};

int job_format_record(const Job *job, char **ret_text) {
        _cleanup_json_ Json json = {};

        record_begin(&json);
        json_string(&json, "kind", job_kind_to_string(job->kind));
        json_string(&json, "state", job_state_to_string(job->state));
        json_string(&json, "stage", job_is_living(job) ? job->stage : "");
        record_write(&json, members, ELEMENTSOF(members), job);
        json_end_object(&json);
        return json_finish(&json, ret_text);
}

/* A copy of the struct that borrows all that it points to. */
int job_format_end(const Job *job, const JobEnd *end, char **ret_text) {
        _cleanup_free_ char *message = end->why ? strdup(end->why->message) : NULL;
        Job ended = *job;

        ended.state = end->state;
        ended.finished_usec = end->finished_usec;
        if (end->state == JOB_DONE)
                ended.progress_permille = 1000;
        if (end->why) {
                if (!message)
                        return -ENOMEM;
                str_make_utf8(message);
                ended.error_name = (char *) bus_error_name(end->why->error);
                ended.error_message = message;
        }
        return job_format_record(&ended, ret_text);
}

int job_write_record(const Store *store, uint32_t id, const char *text, Failure *reterr) {
        char name[STORE_NAME_SIZE];
        _cleanup_close_ int fd = -EBADF;
        int r;

        (void) snprintf(name, sizeof(name), "%u", id);
        r = fd = fd_open_beneath(store->jobs_fd, name, O_RDONLY | O_DIRECTORY, 0);
        if (r >= 0)
                r = fs_write_atomic(fd, RECORD_NAME, text, strlen(text), 0600);
        /* The name of a new job's folder. */
        if (r >= 0 && fsync(store->jobs_fd) < 0)
                r = -errno;
        if (r < 0)
                return system_failure_set(
                                reterr,
                                r,
                                "Cannot write the record of job %u in the state folder",
                                id);
        return 0;
}

const char *job_boot_id(void) {
        static char id[BOOT_ID_SIZE];
        _cleanup_close_ int fd = -EBADF;
        ssize_t n;

        if (id[0] != '\0')
                return id;
        fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, id, sizeof(id) - 1);
        id[n < 0 ? 0 : n] = '\0';
        id[strcspn(id, "\n")] = '\0';
        return id;
}

static int read_job(const YamlNode *root, Job *job, Failure *reterr) {
        const char *stage;
        int r = record_read(root, members, ELEMENTSOF(members), job, reterr);

        if (r < 0)
                return r;
        stage = yaml_string(yaml_get(root, "stage"));
        (void) snprintf(job->stage, sizeof(job->stage), "%s", stage ? stage : "");
        job->kind = job_kind_from_string(yaml_string(yaml_get(root, "kind")));
        job->state = job_state_from_string(yaml_string(yaml_get(root, "state")));
        str_blank_controls(job->stage);
        str_make_utf8(job->stage);
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
