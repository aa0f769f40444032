/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The report's lines. One table says which fields a kind has; reading ends by writing the result
 * again and comparing, so that nothing is accepted that would not have been written.
 */

#include "config/report.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "common/strings.h"

static const struct {
        const char *word;
        bool has_number;
        uint64_t number_min;
        uint64_t number_max;
        bool has_place;
        bool has_name;
        bool has_text;
} forms[_REPORT_KIND_MAX] = {
        [REPORT_STAGE] = { .word = "stage", .has_text = true },
        [REPORT_PROGRESS] = { .word = "progress", .has_number = true, .number_max = 1000 },
        [REPORT_LOG] = { .word = "log",
                         .has_number = true,
                         .number_min = 3,
                         .number_max = 7,
                         .has_text = true },
        [REPORT_DIAGNOSTIC] = { .word = "diagnostic",
                                .has_number = true,
                                .number_max = REPORT_ERROR,
                                .has_place = true,
                                .has_text = true },
        [REPORT_FACT] = { .word = "fact", .has_name = true, .has_text = true },
        [REPORT_FAILURE] = { .word = "failure",
                             .has_number = true,
                             .number_min = 1,
                             .number_max = 4095,
                             .has_text = true },
        [REPORT_DONE] = { .word = "done" },
};

/* The bytes of the control character at `s`, 0 when there is none: C0, DEL, and C1 in UTF-8, which
 * some terminals obey. */
static size_t control_size(const char *s) {
        unsigned char first = (unsigned char) s[0], second = (unsigned char) s[first ? 1 : 0];

        if (first < 0x20 || first == 0x7f)
                return 1;
        return first == 0xc2 && second >= 0x80 && second <= 0x9f ? 2 : 0;
}

static size_t character_size(const char *s) {
        size_t n = 1;

        while (((unsigned char) s[n] & 0xc0) == 0x80)
                n++;
        return n;
}

/* Appends the text at `used`, leaves room for the newline, and cuts between characters only. */
static size_t add_text(char *line, size_t used, const char *clean) {
        while (*clean) {
                size_t n = control_size(clean), consumed = n > 0 ? n : character_size(clean);
                char piece[16];

                if (n == 0) {
                        memcpy(piece, clean, consumed);
                        n = consumed;
                } else {
                        n = (size_t) snprintf(
                                        piece,
                                        sizeof(piece),
                                        "\\x%02x",
                                        (unsigned) (unsigned char) clean[consumed - 1]);
                }
                if (used + n > REPORT_LINE_MAX - 1)
                        break;
                memcpy(line + used, piece, n);
                used += n;
                clean += consumed;
        }
        return used;
}

size_t report_format(const Report *report, char ret_line[static REPORT_LINE_MAX]) {
        size_t used;
        int n;

        assert(report->kind >= 0 && report->kind < _REPORT_KIND_MAX);
        n = snprintf(ret_line, REPORT_LINE_MAX, "%s", forms[report->kind].word);
        used = (size_t) n;
        if (forms[report->kind].has_number)
                used += (size_t) snprintf(
                                ret_line + used,
                                REPORT_LINE_MAX - used,
                                " %" PRIu64,
                                report->number);
        if (forms[report->kind].has_place)
                used += (size_t) snprintf(
                                ret_line + used,
                                REPORT_LINE_MAX - used,
                                " %" PRIu32 " %" PRIu32,
                                report->line,
                                report->column);
        if (forms[report->kind].has_name)
                used += (size_t) snprintf(
                                ret_line + used,
                                REPORT_LINE_MAX - used,
                                " %.63s",
                                report->name);
        if (forms[report->kind].has_text) {
                char clean[REPORT_LINE_MAX];

                (void) snprintf(clean, sizeof(clean), "%s", report->text);
                str_make_utf8(clean);
                ret_line[used++] = ' ';
                used = add_text(ret_line, used, clean);
        }
        ret_line[used++] = '\n';
        return used;
}

/* Moves `*line` behind the field and its blank; NULL there when it was the last. */
static int read_number(const char **line, uint64_t min, uint64_t max, uint64_t *ret) {
        char digits[24];
        size_t n;

        if (!*line)
                return -EBADMSG;
        n = strcspn(*line, " ");
        if (n >= sizeof(digits))
                return -EBADMSG;
        memcpy(digits, *line, n);
        digits[n] = '\0';
        if (str_to_u64(digits, max, ret) < 0 || *ret < min)
                return -EBADMSG;
        *line = (*line)[n] == ' ' ? *line + n + 1 : NULL;
        return 0;
}

static int read_place(const char **line, Report *report) {
        uint64_t number;

        if (read_number(line, 0, UINT32_MAX, &number) < 0)
                return -EBADMSG;
        report->line = (uint32_t) number;
        if (read_number(line, 0, UINT32_MAX, &number) < 0)
                return -EBADMSG;
        report->column = (uint32_t) number;
        return 0;
}

static int read_name(const char **line, Report *report) {
        size_t n;

        if (!*line)
                return -EBADMSG;
        n = strspn(*line, "abcdefghijklmnopqrstuvwxyz0123456789-");
        if (n == 0 || n >= sizeof(report->name) || (*line)[n] != ' ')
                return -EBADMSG;
        memcpy(report->name, *line, n);
        report->name[n] = '\0';
        *line += n + 1;
        return 0;
}

static ReportKind read_kind(const char **line) {
        for (int i = 0; i < _REPORT_KIND_MAX; i++) {
                const char *rest = str_after_prefix(*line, forms[i].word);

                if (!rest || (*rest != '\0' && *rest != ' '))
                        continue;
                *line = *rest == ' ' ? rest + 1 : NULL;
                return (ReportKind) i;
        }
        return _REPORT_KIND_INVALID;
}

static int read_fields(const char *line, Report *report) {
        report->kind = read_kind(&line);
        if (report->kind < 0)
                return -EBADMSG;
        if (forms[report->kind].has_number && read_number(&line,
                                                          forms[report->kind].number_min,
                                                          forms[report->kind].number_max,
                                                          &report->number) < 0)
                return -EBADMSG;
        if (forms[report->kind].has_place && read_place(&line, report) < 0)
                return -EBADMSG;
        if (forms[report->kind].has_name && read_name(&line, report) < 0)
                return -EBADMSG;
        if (forms[report->kind].has_text != (line != NULL))
                return -EBADMSG;
        if (line)
                (void) snprintf(report->text, sizeof(report->text), "%s", line);
        return 0;
}

int report_parse(const char *line, Report *ret) {
        char again[REPORT_LINE_MAX];
        size_t size = strlen(line);
        Report report = {};

        if (size >= REPORT_LINE_MAX || read_fields(line, &report) < 0)
                return -EBADMSG;
        if (report_format(&report, again) != size + 1 || memcmp(again, line, size) != 0)
                return -EBADMSG;
        *ret = report;
        return 0;
}

int report_send(int fd, const Report *report) {
        char line[REPORT_LINE_MAX];
        size_t size = report_format(report, line);
        ssize_t n;

        do
                n = write(fd, line, size);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        return (size_t) n == size ? 0 : -EIO;
}

void report_stage(int fd, const char *stage) {
        Report report = { .kind = REPORT_STAGE };

        (void) snprintf(report.text, sizeof(report.text), "%s", stage);
        (void) report_send(fd, &report);
}

void report_progress(int fd, unsigned permille) {
        Report report = { .kind = REPORT_PROGRESS, .number = permille < 1000 ? permille : 1000 };

        (void) report_send(fd, &report);
}

void report_log(int fd, int priority, const char *format, ...) {
        Report report = { .kind = REPORT_LOG };
        va_list ap;

        assert(priority >= 3 && priority <= 7);
        report.number = (uint64_t) priority;
        va_start(ap, format);
        (void) vsnprintf(report.text, sizeof(report.text), format, ap);
        va_end(ap);
        (void) report_send(fd, &report);
}

void report_fact(int fd, const char *name, const char *text) {
        Report report = { .kind = REPORT_FACT };

        assert(strlen(name) < sizeof(report.name));
        (void) snprintf(report.name, sizeof(report.name), "%s", name);
        (void) snprintf(report.text, sizeof(report.text), "%s", text);
        (void) report_send(fd, &report);
}

void report_failure(int fd, const Failure *failure) {
        Report report = { .kind = REPORT_FAILURE };

        report.number = failure->error < 0 ? (uint64_t) - (int64_t) failure->error : EIO;
        (void) snprintf(report.text, sizeof(report.text), "%s", failure->message);
        (void) report_send(fd, &report);
}

void report_problem(int fd, ReportSeverity severity, const char *format, ...) {
        Report report = { .kind = REPORT_DIAGNOSTIC, .number = severity };
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(report.text, sizeof(report.text), format, ap);
        va_end(ap);
        (void) report_send(fd, &report);
}

void report_done(int fd) {
        (void) report_send(fd, &(Report){ .kind = REPORT_DONE });
}
