/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/strings.h"
#include "service/line-reader.h"
#include "service/spawn.h"
#include "tests/lib/launcher.h"
#include "tests/lib/test.h"

typedef struct Heard {
        sd_event *event;
        Buffer reports;
        Buffer output;
        bool ended;
        Failure why;
} Heard;

static void on_report(const Report *report, void *userdata) {
        char line[REPORT_LINE_MAX];

        assert_ok(buffer_append(&((Heard *) userdata)->reports, line, report_format(report, line)));
}

static void on_output(const char *line, void *userdata) {
        assert_ok(buffer_printf(&((Heard *) userdata)->output, "%s\n", line));
}

static void on_end(const Failure *why, void *userdata) {
        Heard *heard = userdata;

        heard->ended = true;
        if (why)
                heard->why = *why;
        assert_ok(sd_event_exit(heard->event, 0));
}

/* Runs a worker that is a shell script. */
static void run(const char *script, uint64_t timeout_usec, uint64_t cancel_after, Heard *heard) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(launcher_freep) Launcher *launcher = NULL;
        _cleanup_(worker_freep) Worker *worker = NULL;
        const WorkerHandler handler = { on_report, on_output, on_end, heard };
        _cleanup_free_ char *text = str_printf("#!/bin/sh\n%s\n", script), *path = NULL;
        _cleanup_close_ int folder_fd = -EBADF, fd = -EBADF, context_fd = test_file("context", 7);
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        WorkerFds fds = WORKER_FDS_NULL;
        const Order order = { .verb = ORDER_BUILD };
        Failure failure = {};
        sigset_t signals;

        (void) sigemptyset(&signals);
        (void) sigaddset(&signals, SIGCHLD);
        (void) sigprocmask(SIG_BLOCK, &signals, NULL);
        fd = openat(folder_fd, "worker", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
        assert_ok(fd_write_all(fd, text, strlen(text)));
        (void) close(TAKE_FD(fd));
        path = str_printf("%s/worker", folder);
        assert_ok(launcher_start(&launcher, path, NULL));
        assert_ok(sd_event_new(&event));
        heard->event = event;
        fds.context = context_fd;
        fds.lock = folder_fd;
        ck_assert_msg(worker_start(&worker, event, launcher, &order, &fds, &failure) >= 0,
                      "%s",
                      failure.message);
        worker_listen(worker, &handler);
        assert_ok(worker_set_timeout(worker, timeout_usec));
        if (cancel_after == 0)
                worker_cancel(worker);
        assert_ok(sd_event_loop(event));
        ck_assert(heard->ended);
}

static void heard_done(Heard *heard) {
        buffer_done(&heard->reports);
        buffer_done(&heard->output);
}
#define _cleanup_heard_ _cleanup_(heard_done)

#define SECONDS(n) (UINT64_C(1000000) * (n))
#define NEVER      UINT64_MAX

TEST(reports_arrive)
{
        _cleanup_heard_ Heard heard = {};

        run("echo 'stage one' >&3; echo 'nonsense' >&3; echo 'progress 5' >&3; echo out; echo err >&2; "
            "cat <&5; echo; echo done >&3; echo 'stage late' >&3",
            SECONDS(60),
            NEVER,
            &heard);
        ck_assert_str_eq(heard.reports.data, "stage one\nprogress 5\n");
        ck_assert_str_eq(heard.output.data, "out\nerr\ncontext\n");
        ck_assert_int_eq(heard.why.error, 0);
}

TEST(descriptors_are_exact)
{
        _cleanup_heard_ Heard heard = {};

        run("for n in 0 1 2 3 4 5 6 7 8 9 11; do [ -e /proc/$$/fd/$n ] && printf %s $n; done; echo; "
            "[ \"$(readlink /proc/$$/fd/0)\" = /dev/null ] && echo null; echo $1; echo done >&3",
            SECONDS(60),
            NEVER,
            &heard);
        /* 10 is the shell's own, for the script. */
        ck_assert_str_eq(heard.output.data, "01234511\nnull\nbuild\n");
}

static const struct {
        const char *script;
        int error;
        const char *sentence;
} ends[] = {
        { "true", -EIO, "status 0" },
        { "exit 3", -EIO, "status 3" },
        { "echo done >&3; exit 1", -EIO, "status 1" },
        { "kill -KILL $$", -EINTR, "signal 9" },
        { "echo 'failure 28 It is full.' >&3; exit 1", -ENOSPC, "It is full." },
        { "echo 'failure 28 It is full.' >&3; echo done >&3", -ENOSPC, "It is full." },
        { "echo 'failure 28 One.' >&3; echo 'failure 5 Two.' >&3", -EIO, "Two." },
};

TEST_ROWS(ends, ELEMENTSOF(ends)) {
        _cleanup_heard_ Heard heard = {};

        run(ends[_i].script, SECONDS(60), NEVER, &heard);
        ck_assert_int_eq(heard.why.error, ends[_i].error);
        assert_failure(&heard.why, ends[_i].sentence);
}

TEST(cancel_ends_the_lifeline)
{
        _cleanup_heard_ Heard heard = {};

        run("cat <&4; echo 'failure 125 It was cancelled.' >&3; exit 1", SECONDS(60), 0, &heard);
        ck_assert_int_eq(heard.why.error, -ECANCELED);
}

TEST(the_deaf_are_killed)
{
        _cleanup_heard_ Heard heard = {};

        run("exec sleep 600", SECONDS(60), 0, &heard);
        ck_assert_int_eq(heard.why.error, -EINTR);
}

TEST(time_is_limited)
{
        _cleanup_heard_ Heard heard = {};

        run("cat <&4", 1000, NEVER, &heard);
        ck_assert_int_eq(heard.why.error, -ETIMEDOUT);
}

TEST(a_missing_program_is_a_sentence)
{
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(launcher_freep) Launcher *launcher = NULL;
        const Order order = { .verb = ORDER_BUILD };
        const WorkerFds fds = WORKER_FDS_NULL;
        Worker *worker;
        Failure failure = {};

        assert_ok(launcher_start(&launcher, "/no/worker", NULL));
        assert_ok(sd_event_new(&event));
        assert_errno(worker_start(&worker, event, launcher, &order, &fds, &failure), -EIO);
        assert_failure(&failure, "/no/worker");
}

static void on_line(const char *line, void *userdata) {
        assert_ok(buffer_printf(userdata, "<%.20s>", line));
}

TEST(lines)
{
        _cleanup_(line_reader_done) LineReader reader = LINE_READER_NULL;
        _cleanup_buffer_ Buffer lines = {};
        _cleanup_close_ int write_fd = -EBADF;
        char large[REPORT_LINE_MAX + 10];

        memset(large, 'x', sizeof(large));
        assert_ok(spawn_pipe(&reader.fd, &write_fd));
        assert_ok(line_reader_set_nonblocking(&reader));
        ck_assert_int_eq(line_reader_read(&reader, on_line, &lines), 1);
        assert_ok(fd_write_all(write_fd, "a\nb", 3));
        ck_assert_int_eq(line_reader_read(&reader, on_line, &lines), 1);
        assert_ok(fd_write_all(write_fd, "c\n\n", 3));
        assert_ok(fd_write_all(write_fd, large, sizeof(large)));
        line_reader_drain(&reader, on_line, &lines);
        assert_ok(fd_write_all(write_fd, large, sizeof(large)));
        assert_ok(fd_write_all(write_fd, "\nd\0d\nrest", 9));
        line_reader_drain(&reader, on_line, &lines);
        (void) close(TAKE_FD(write_fd));
        ck_assert_int_eq(line_reader_read(&reader, on_line, &lines), 0);
        ck_assert_str_eq(lines.data, "<a><bc><><d>");
}
