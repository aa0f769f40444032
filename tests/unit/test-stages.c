/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/strings.h"
#include "liveos/stages.h"
#include "tests/lib/test.h"

/* What stages of these tests do: each writes its letter to a pipe that all share. */
static int trace[2];

static int leave(char letter) {
        return fd_write_all(trace[1], &letter, 1);
}

static int stage_a(Build *build, Failure *reterr _unused_) {
        build->arch = ARCH_AARCH64; /* a fact that the others look for */
        return leave('a');
}

static int stage_b(Build *build, Failure *reterr _unused_) {
        return build->arch == ARCH_AARCH64 ? leave('b') : -EIO;
}

static int stage_c(Build *build, Failure *reterr _unused_) {
        build->arch = ARCH_X86_64; /* made in a process of its own: nobody sees it */
        return leave('c');
}

static int stage_d(Build *build, Failure *reterr _unused_) {
        return build->arch == ARCH_AARCH64 ? leave('d') : -EIO;
}

static int stage_fails(Build *build _unused_, Failure *reterr) {
        return failure_set(reterr, -ENOSPC, "No space left for the test.");
}

static int stage_dies(Build *build _unused_, Failure *reterr _unused_) {
        abort();
}

static bool never(const Build *build _unused_) {
        return false;
}

/* Runs the table, hands back what the stages left and what was reported. */
static int run(const Stage *stages,
               size_t n,
               char ret_trace[static 16],
               char **ret_report,
               Failure *reterr) {
        static Build build;
        int report[2], r;
        ssize_t size;
        size_t report_size;

        ck_assert_int_eq(pipe2(trace, O_CLOEXEC | O_NONBLOCK), 0);
        ck_assert_int_eq(pipe2(report, O_CLOEXEC | O_NONBLOCK), 0);
        build = (Build){ .report_fd = report[1] };
        r = stages_run(stages, n, &build, reterr);
        size = read(trace[0], ret_trace, 15);
        ret_trace[size > 0 ? size : 0] = '\0';
        (void) close(report[1]);
        assert_ok(fd_read_all(report[0], 65536, ret_report, &report_size));
        return r;
}

TEST(order_follows_needs)
{
        static const Stage stages[] = {
                { "one", NULL, STAGE_LEARNS, 1, NULL, stage_a },
                { "two", "one", 0, 1, NULL, stage_c },
                { "three", "two", 0, 1, NULL, stage_b },
                { "four", "three one", STAGE_LEARNS, 1, NULL, stage_d },
        };
        _cleanup_free_ char *report = NULL;
        char seen[16];

        assert_ok(run(stages, ELEMENTSOF(stages), seen, &report, NULL));
        ck_assert_str_eq(seen, "acbd");
        ck_assert_str_eq(
                        report,
                        "stage one\nprogress 250\nstage two\nprogress 500\nstage three\n"
                        "progress 750\nstage four\nprogress 1000\n");
}

TEST(unwanted_is_done_at_once)
{
        static const Stage stages[] = {
                { "one", NULL, STAGE_LEARNS, 1, NULL, stage_a },
                { "skipped", "one", 0, 1, never, stage_fails },
                { "two", "skipped", 0, 2, NULL, stage_b },
        };
        _cleanup_free_ char *report = NULL;
        char seen[16];

        assert_ok(run(stages, ELEMENTSOF(stages), seen, &report, NULL));
        ck_assert_str_eq(seen, "ab");
        ck_assert_str_eq(
                        report,
                        "stage one\nprogress 250\nprogress 500\nstage two\nprogress 1000\n");
}

TEST(learner_waits_until_nothing_runs)
{
        static const Stage stages[] = {
                { "one", NULL, STAGE_LEARNS, 1, NULL, stage_a },
                { "beside", "one", 0, 1, NULL, stage_c },
                { "learner", "one", STAGE_LEARNS, 1, NULL, stage_d },
        };
        _cleanup_free_ char *report = NULL;
        char seen[16];

        assert_ok(run(stages, ELEMENTSOF(stages), seen, &report, NULL));
        ck_assert_str_eq(seen, "acd");
}

/* Ends only after the pipe has a reader of its letter: when "short" is over. */
static int stage_long(Build *build _unused_, Failure *reterr _unused_) {
        struct pollfd fd = { .fd = trace[0], .events = POLLIN };

        return poll(&fd, 1, 10000) == 1 ? leave('l') : -EIO;
}

TEST(what_is_waited_for_is_told_again)
{
        static const Stage stages[] = {
                { "long", NULL, 0, 3, NULL, stage_long },
                { "short", NULL, 0, 1, NULL, stage_c },
        };
        _cleanup_free_ char *report = NULL;
        char seen[16];

        assert_ok(run(stages, ELEMENTSOF(stages), seen, &report, NULL));
        ck_assert_str_eq(seen, "cl");
        ck_assert_msg(str_after_prefix(report, "stage long\nstage short\nprogress ") != NULL,
                      "%s",
                      report);
        ck_assert_ptr_nonnull(strstr(report, "progress 1000\n"));
}

TEST(failure_stops_what_comes_after)
{
        static const Stage stages[] = {
                { "one", NULL, STAGE_LEARNS, 1, NULL, stage_a },
                { "bad", "one", 0, 1, NULL, stage_fails },
                { "after", "bad", 0, 1, NULL, stage_b },
        };
        _cleanup_free_ char *report = NULL;
        Failure failure = {};
        char seen[16];

        assert_errno(run(stages, ELEMENTSOF(stages), seen, &report, &failure), -ENOSPC);
        ck_assert_str_eq(seen, "a");
        ck_assert_str_eq(failure.message, "No space left for the test.");
}

TEST(dead_stage_is_a_failure)
{
        static const Stage stages[] = { { "dies", NULL, 0, 1, NULL, stage_dies } };
        _cleanup_free_ char *report = NULL;
        Failure failure = {};
        char seen[16];

        assert_errno(run(stages, ELEMENTSOF(stages), seen, &report, &failure), -EIO);
        assert_failure(&failure, "A part of the worker was ended by signal 6");
}

TEST(table_of_a_build_is_sound)
{
        for (size_t i = 0; i < n_build_stages; i++) {
                _cleanup_strv_ char **needs = strv_split(
                                build_stages[i].needs ? build_stages[i].needs : "",
                                " ");

                ck_assert_ptr_nonnull(build_stages[i].run);
                STRV_FOREACH(need, needs) {
                        size_t k = 0;

                        while (k < i && !str_equal(build_stages[k].name, *need))
                                k++;
                        ck_assert_msg(k < i, "%s needs %s", build_stages[i].name, *need);
                }
        }
}
