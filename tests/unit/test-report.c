/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The report: every kind there and back, hostile lines, hostile text. */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <signal.h>

#include "common/fd.h"
#include "common/strings.h"
#include "config/report.h"

/* Without its newline. */
static char *format_line(const Report *report) {
        char line[REPORT_LINE_MAX];
        size_t size = report_format(report, line);

        ck_assert_uint_gt(size, 0);
        ck_assert_int_eq(line[size - 1], '\n');
        ck_assert_ptr_null(memchr(line, '\n', size - 1));
        return strndup(line, size - 1);
}

static const struct {
        Report report;
        const char *line;
} lines[] = {
        { { .kind = REPORT_STAGE, .text = "rootfs" }, "stage rootfs" },
        { { .kind = REPORT_PROGRESS, .number = 0 }, "progress 0" },
        { { .kind = REPORT_PROGRESS, .number = 1000 }, "progress 1000" },
        { { .kind = REPORT_LOG, .number = 6, .text = "a  b" }, "log 6 a  b" },
        { { .kind = REPORT_LOG, .number = 3, .text = "" }, "log 3 " },
        { { .kind = REPORT_LOG, .number = 3, .text = "a\nb\x1b[0m\x7f\t" },
          "log 3 a\\x0ab\\x1b[0m\\x7f\\x09" },
        { { .kind = REPORT_LOG, .number = 3, .text = "\xc2\x9b \xff \xc3\xa4" },
          "log 3 \\x9b ? \xc3\xa4" },
        { { .kind = REPORT_DIAGNOSTIC,
            .number = REPORT_ERROR,
            .line = 4294967295,
            .column = 7,
            .text = "os: no" },
          "diagnostic 1 4294967295 7 os: no" },
        { { .kind = REPORT_FACT, .name = "network", .text = "yes" }, "fact network yes" },
        { { .kind = REPORT_FAILURE, .number = 28, .text = "disk full" }, "failure 28 disk full" },
        { { .kind = REPORT_DONE }, "done" },
};

TEST_ROWS(lines, ELEMENTSOF(lines)) {
        _cleanup_free_ char *line = format_line(&lines[_i].report);
        Report back = {};

        ck_assert_str_eq(line, lines[_i].line);
        assert_ok(report_parse(line, &back));
        ck_assert_int_eq(back.kind, lines[_i].report.kind);
        ck_assert_uint_eq(back.number, lines[_i].report.number);
        ck_assert_uint_eq(back.line, lines[_i].report.line);
        ck_assert_uint_eq(back.column, lines[_i].report.column);
        ck_assert_str_eq(back.name, lines[_i].report.name);
        ck_assert(str_has_suffix(line, back.text));
}

static const char *const bad_lines[] = {
        "",
        " ",
        "stage",
        "stages x",
        "done ",
        "done x",
        "progress",
        "progress ",
        "progress 1001",
        "progress 01",
        "progress -1",
        "progress 1 ",
        "progress 1x",
        "log 2 a",
        "log 8 a",
        "log a",
        "log 6",
        "log 6 a\nb",
        "log 6 a\x1b",
        "log 6 \xff",
        "log 6 \xc2\x9b",
        "diagnostic 2 1 1 a",
        "diagnostic 1 1 a",
        "diagnostic 1 4294967296 1 a",
        "diagnostic 1 1 1",
        "fact",
        "fact network",
        "fact Network yes",
        "fact  yes",
        "fact aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa x",
        "failure 0 a",
        "failure 4096 a",
        "failure 18446744073709551616 a",
        "failure 00000000000000000000000000000005 a",
};

TEST_ROWS(bad_lines, ELEMENTSOF(bad_lines)) {
        Report report = { .kind = REPORT_DONE };

        ck_assert_msg(report_parse(bad_lines[_i], &report) == -EBADMSG, "%s", bad_lines[_i]);
        ck_assert_int_eq(report.kind, REPORT_DONE);
}

TEST(long_text_is_cut_between_characters)
{
        Report report = { .kind = REPORT_LOG, .number = 6 }, back = {};
        _cleanup_free_ char *line = NULL;

        /* "log 6 " and the newline leave 4089 bytes, which is no multiple of two. */
        for (size_t i = 0; i + 2 < sizeof(report.text); i += 2)
                memcpy(report.text + i, "\xc3\xa4", 2);
        line = format_line(&report);
        ck_assert_uint_eq(strlen(line), strlen("log 6 ") + 4088);
        assert_ok(report_parse(line, &back));
        memset(report.text, '\n', sizeof(report.text) - 1);
        free(line);
        line = format_line(&report);
        ck_assert_uint_eq(strlen(line), strlen("log 6 ") + 4088);
        assert_ok(report_parse(line, &back));
}

TEST(too_long_a_line_is_refused)
{
        char line[REPORT_LINE_MAX + 1];
        Report report;

        memset(line, 'a', sizeof(line));
        memcpy(line, "log 6 ", 6);
        line[REPORT_LINE_MAX] = '\0';
        assert_errno(report_parse(line, &report), -EBADMSG);
        line[REPORT_LINE_MAX - 1] = '\0';
        assert_ok(report_parse(line, &report));
}

TEST(shorthands_write_lines)
{
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        _cleanup_free_ char *text = NULL;
        Failure failure = { .error = -ENOSPC, .message = "disk full" };
        int fds[2];
        size_t size;

        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        read_fd = fds[0];
        write_fd = fds[1];
        report_stage(write_fd, "iso");
        report_progress(write_fd, 2000);
        report_log(write_fd, 4, "%d%s", 1, "a");
        report_fact(write_fd, REPORT_FACT_NETWORK, "no");
        report_failure(write_fd, &failure);
        report_failure(write_fd, &(Failure){});
        report_done(write_fd);
        (void) close(TAKE_FD(write_fd));
        assert_ok(fd_read_all(read_fd, 10000, &text, &size));
        ck_assert_str_eq(
                        text,
                        "stage iso\nprogress 1000\nlog 4 1a\nfact network no\n"
                        "failure 28 disk full\nfailure 5 \ndone\n");
}

TEST(nobody_reads)
{
        _cleanup_close_ int write_fd = -EBADF;
        int fds[2];

        (void) signal(SIGPIPE, SIG_IGN);
        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        (void) close(fds[0]);
        write_fd = fds[1];
        assert_errno(report_send(write_fd, &(Report){ .kind = REPORT_DONE }), -EPIPE);
        report_done(write_fd);
}
