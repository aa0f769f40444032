/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/job.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/strings.h"
#include "config/plan-facts.h"
#include "tests/lib/test.h"

/* A store in a folder of the test's own. */
static void open_store(Store *ret, char **ret_folder) {
        _cleanup_free_ char *state = NULL, *scratch = NULL;
        _cleanup_close_ int fd = -EBADF;
        Failure failure = {};

        *ret_folder = test_folder_new(&fd);
        state = str_printf("%s/state", *ret_folder);
        scratch = str_printf("%s/scratch", *ret_folder);
        *ret = STORE_NULL;
        ck_assert_msg(store_open(state, scratch, ret, &failure) >= 0, "%s", failure.message);
}

static Job *new_job(const Store *store, uint32_t id, uint64_t log_max_bytes) {
        JobTask task = JOB_TASK_NULL;
        Job *job;

        assert_ok(job_new(&job, id, 1000, JOB_BUILD, &task));
        job->title = strdup("a \"title\"\n\x01 of ü");
        assert_ok(job_create_files(job, store, log_max_bytes, NULL));
        return job;
}

typedef struct Heard {
        unsigned changes;
        unsigned n_lines;
} Heard;

static void on_change(Job *job _unused_, unsigned changes, void *userdata) {
        ((Heard *) userdata)->changes |= changes;
}

static void on_log(
                Job *job _unused_,
                int priority _unused_,
                const char *line _unused_,
                void *userdata) {
        ((Heard *) userdata)->n_lines++;
}

/* A record that the next service could not read would be put away, and the job with it. */
TEST(record_of_the_longest_plan_comes_back)
{
        static const char bytes[] = { '"', '\\', '\n', '\x01' };

        for (size_t i = 0; i < sizeof(bytes); i++) {
                _cleanup_(job_freep) Job *job = NULL, *copy = NULL;
                _cleanup_free_ char *text = NULL;
                JobTask task = JOB_TASK_NULL;

                assert_ok(job_new(&job, 7, 1000, JOB_PLAN, &task));
                job->plan = calloc(1, PLAN_MAX_BYTES + 1);
                memset(job->plan, bytes[i], PLAN_MAX_BYTES);
                assert_ok(job_format_record(job, &text));
                assert_ok(job_parse_record(text, strlen(text), &copy, NULL));
                ck_assert_str_eq(copy->plan, job->plan);
        }
}

TEST(record_comes_back)
{
        _cleanup_free_ char *text = NULL;
        _cleanup_(job_freep) Job *job = NULL, *copy = NULL;
        JobTask task = JOB_TASK_NULL;

        assert_ok(job_new(&job, 7, 1000, JOB_EXPORT, &task));
        job->title = strdup("a \"title\" of ü");
        job->target = strdup("lab");
        job->artifact = 3;
        job->state = JOB_FAILED;
        job->started_usec = UINT64_MAX;
        job->progress_permille = 333;
        job->error_name = strdup("org.pxed1.Error.Failed");
        job->error_message = strdup("null");
        assert_ok(job_format_record(job, &text));
        assert_ok(job_parse_record(text, strlen(text), &copy, NULL));
        ck_assert_uint_eq(copy->id, 7);
        ck_assert_uint_eq(copy->owner, 1000);
        ck_assert_int_eq(copy->kind, JOB_EXPORT);
        ck_assert_int_eq(copy->state, JOB_FAILED);
        ck_assert_str_eq(copy->title, job->title);
        ck_assert_ptr_null(copy->cookie);
        ck_assert_str_eq(copy->target, "lab");
        ck_assert_uint_eq(copy->artifact, 3);
        ck_assert_uint_eq(copy->created_usec, job->created_usec);
        ck_assert_uint_eq(copy->started_usec, UINT64_MAX);
        ck_assert_uint_eq(copy->progress_permille, 333);
        ck_assert_str_eq(copy->error_message, "null");
}

#define NUMBERS "artifact: 0, created: 1, started: 0, finished: 0, progress: 0"

static const char *const garbage[] = {
        "",
        "null",
        "[]",
        "{",
        "\xff\xfe",
        "{version: 1}",
        "{version: 2, id: 1, owner: 0, kind: build, state: done, " NUMBERS "}",
        "{version: 1, id: 0, owner: 0, kind: build, state: done, " NUMBERS "}",
        "{version: 1, id: -1, owner: 0, kind: build, state: done, " NUMBERS "}",
        "{version: 1, id: 4294967296, owner: 0, kind: build, state: done, " NUMBERS "}",
        "{version: 1, id: 1, owner: 0, kind: sing, state: done, " NUMBERS "}",
        "{version: 1, id: 1, owner: 0, kind: build, state: odd, " NUMBERS "}",
        "{version: 1, id: 1, owner: 0, kind: build, state: done, title: [], " NUMBERS "}",
        "{version: 1, id: 1, id: 2, owner: 0, kind: build, state: done, " NUMBERS "}",
        "{version: 1, id: 1, owner: 0, kind: build, state: done, artifact: 0, created: 1, "
        "started: 0, finished: 0, progress: 1001}",
};

TEST_ROWS(garbage_is_refused, ELEMENTSOF(garbage)) {
        Failure failure = {};
        Job *job;

        assert_errno(job_parse_record(garbage[_i], strlen(garbage[_i]), &job, &failure), -EIO);
        ck_assert_str_ne(failure.message, "");
}

TEST(every_cut_of_a_record_is_refused_or_read)
{
        _cleanup_free_ char *text = NULL;
        _cleanup_(job_freep) Job *job = NULL;
        JobTask task = JOB_TASK_NULL;

        assert_ok(job_new(&job, 7, 1000, JOB_BUILD, &task));
        assert_ok(job_format_record(job, &text));
        for (size_t size = 0; size < strlen(text) - 2; size++) {
                Job *copy;

                assert_errno(job_parse_record(text, size, &copy, NULL), -EIO);
        }
}

TEST(states)
{
        const JobEnd done = job_end_now(JOB_DONE, NULL);
        _cleanup_folder_ char *folder = NULL;
        _cleanup_(job_freep) Job *job = NULL;
        _cleanup_store_ Store store = {};
        Heard heard = {};

        open_store(&store, &folder);
        job = new_job(&store, 1, 1 << 20);
        job->observer = (JobObserver){ .on_change = on_change,
                                       .on_log = on_log,
                                       .userdata = &heard };
        ck_assert(job_is_cancellable(job));
        job_start(job);
        ck_assert_uint_eq(heard.changes, JOB_CHANGED_STATE);
        job_set_progress(job, 500);
        job_set_progress(job, 400);
        ck_assert_uint_eq(job->progress_permille, 500);
        job_set_progress(job, 4711);
        ck_assert_uint_eq(job->progress_permille, 1000);
        job_set_stage(job, "root\nfs\xff");
        ck_assert_str_eq(job->stage, "root fs?");
        job_set_ending(job);
        ck_assert(!job_is_cancellable(job));
        assert_ok(job_end(job, &done, &store, NULL));
        ck_assert_str_eq(job->stage, "");
        ck_assert(!job_is_living(job));
        assert_ok(job_remove_files(job, &store));
}

TEST(log_is_read_in_pieces)
{
        const JobEnd done = job_end_now(JOB_DONE, NULL);
        _cleanup_folder_ char *folder = NULL;
        _cleanup_(job_freep) Job *job = NULL;
        _cleanup_store_ Store store = {};
        _cleanup_free_ char *long_line = malloc(5000);
        JobLogPiece piece;
        Heard heard = {};
        uint64_t at = 0;

        open_store(&store, &folder);
        job = new_job(&store, 1, 1 << 20);
        job->observer = (JobObserver){ .on_change = on_change,
                                       .on_log = on_log,
                                       .userdata = &heard };
        memset(long_line, 'x', 4999);
        long_line[4999] = '\0';
        job_log(job, 6, "one\ntwo\x1b[31m\xff");
        job_log(job, 6, long_line);
        job_log(job, 6, "ü");
        ck_assert_uint_eq(heard.n_lines, 3);
        assert_errno(job_read_log(job, &store, 1 << 20, 0, &piece), -EINVAL);
        assert_ok(job_read_log(job, &store, 0, 1, &piece));
        ck_assert_str_eq(piece.text, "one two [31m?\n");
        ck_assert(!piece.is_last);
        at = piece.next;
        free(piece.text);
        assert_ok(job_read_log(job, &store, at, 1 << 20, &piece));
        ck_assert_uint_eq(strlen(piece.text), 4096 + strlen("ü\n"));
        free(piece.text);
        /* In the middle of a character. */
        assert_ok(job_read_log(job, &store, piece.next - 2, 100, &piece));
        ck_assert_str_eq(piece.text, "?\n");
        free(piece.text);
        assert_ok(job_end(job, &done, &store, NULL));
        assert_ok(job_read_log(job, &store, piece.next, 100, &piece));
        ck_assert_str_eq(piece.text, "");
        ck_assert(piece.is_last);
        free(piece.text);
}

TEST(log_has_a_limit)
{
        _cleanup_folder_ char *folder = NULL;
        _cleanup_(job_freep) Job *job = NULL;
        _cleanup_store_ Store store = {};
        JobLogPiece piece;

        open_store(&store, &folder);
        job = new_job(&store, 1, 65536);
        for (unsigned i = 0; i < 10000; i++)
                job_log(job, 6, "a line of some length");
        assert_ok(job_read_log(job, &store, 0, 1 << 20, &piece));
        ck_assert_uint_lt(strlen(piece.text), 65536);
        ck_assert_ptr_nonnull(strstr(piece.text, "has reached its limit"));
        free(piece.text);
}

/* A job is not done when that cannot be written; how else it ended is true without a record, too. */
TEST(done_is_what_is_on_disk)
{
        const Failure why = { .error = -EIO, .message = "It broke." };
        const JobEnd done = job_end_now(JOB_DONE, NULL), failed = job_end_now(JOB_FAILED, &why);
        _cleanup_folder_ char *folder = NULL;
        _cleanup_(job_freep) Job *job = NULL;
        _cleanup_store_ Store store = {};
        Failure failure = {};

        open_store(&store, &folder);
        job = new_job(&store, 1, 1 << 20);
        job_start(job);
        assert_ok(job_remove_files(job, &store));
        assert_errno(job_end(job, &done, &store, &failure), -EIO);
        assert_failure(&failure, "Cannot write the record of job 1 in the state folder");
        ck_assert_int_eq(job->state, JOB_RUNNING);
        assert_errno(job_end(job, &failed, &store, NULL), -EIO);
        ck_assert_int_eq(job->state, JOB_FAILED);
        ck_assert_str_eq(job->error_message, "It broke.");
}

TEST(stage_is_in_the_record_of_a_living_job)
{
        const Failure why = { .error = -EIO, .message = "It broke." };
        const JobEnd failed = job_end_now(JOB_FAILED, &why);
        _cleanup_(job_freep) Job *job = NULL, *living = NULL, *ended = NULL;
        _cleanup_free_ char *text = NULL, *end = NULL;
        JobTask task = JOB_TASK_NULL;

        assert_ok(job_new(&job, 7, 1000, JOB_BUILD, &task));
        job_start(job);
        job_set_stage(job, "initrd");
        assert_ok(job_format_record(job, &text));
        assert_ok(job_format_end(job, &failed, &end));
        ck_assert_int_eq(job->state, JOB_RUNNING);
        assert_ok(job_parse_record(text, strlen(text), &living, NULL));
        ck_assert_str_eq(living->stage, "initrd");
        ck_assert_str_eq(living->boot_id, job_boot_id());
        ck_assert_uint_eq(strlen(living->boot_id), 36);
        assert_ok(job_parse_record(end, strlen(end), &ended, NULL));
        ck_assert_str_eq(ended->stage, "");
        ck_assert_int_eq(ended->state, JOB_FAILED);
        ck_assert_str_eq(ended->error_message, "It broke.");
        ck_assert_uint_eq(ended->finished_usec, failed.finished_usec);
}

TEST(numbers_are_never_given_twice)
{
        _cleanup_folder_ char *folder = NULL;
        _cleanup_store_ Store store = {};
        _cleanup_free_ char *state = NULL, *scratch = NULL;
        uint32_t id;

        open_store(&store, &folder);
        assert_ok(store_take_id(&store, &id, NULL));
        ck_assert_uint_eq(id, 1);
        store_note_id(&store, 40);
        store_note_id(&store, 7);
        assert_ok(store_take_id(&store, &id, NULL));
        ck_assert_uint_eq(id, 41);
        assert_ok(store_keep_id(&store, NULL));
        store_done(&store);
        state = str_printf("%s/state", folder);
        scratch = str_printf("%s/scratch", folder);
        assert_ok(store_open(state, scratch, &store, NULL));
        assert_ok(store_take_id(&store, &id, NULL));
        ck_assert_uint_eq(id, 42);
}

TEST(foreign_scratch_is_refused)
{
        _cleanup_folder_ char *folder = NULL;
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ char *state = NULL, *scratch = NULL;
        Failure failure = {};
        Store store;

        folder = test_folder_new(&fd);
        state = str_printf("%s/state", folder);
        scratch = str_printf("%s/scratch", folder);
        ck_assert_int_eq(symlinkat("/tmp", fd, "scratch"), 0);
        ck_assert_int_lt(store_open(state, scratch, &store, &failure), 0);
        assert_failure(&failure, scratch);
}
