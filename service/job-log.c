/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A job's log: a file of plain lines, written by the service only. What a worker says is cleaned
 * before it is written, so that reading needs no second look, except where a caller's offset cuts a
 * character.
 */

#include "service/job.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "common/fd.h"
#include "common/strings.h"
#include "config/report.h"

#define LOG_FULL "The log has reached its limit; what the job says from here on is not kept."

static void append_line(Job *job, const char *line) {
        char text[REPORT_LINE_MAX + 1];
        int size = snprintf(text, sizeof(text) - 1, "%s", line);

        if (size < 0)
                return;
        if ((size_t) size > sizeof(text) - 2)
                size = (int) sizeof(text) - 2;
        text[size++] = '\n';
        if (fd_write_all(job->log_fd, text, (size_t) size) >= 0)
                job->log_size_bytes += (uint64_t) size;
}

void job_log(Job *job, int priority, const char *line) {
        char text[REPORT_LINE_MAX];

        if (job->log_fd < 0 || job->log_is_full)
                return;
        (void) snprintf(text, sizeof(text), "%s", line);
        str_blank_controls(text);
        str_make_utf8(text);
        if (job->log_size_bytes + sizeof(text) > job->log_max_bytes) {
                job->log_is_full = true;
                priority = LOG_WARNING;
                (void) snprintf(text, sizeof(text), "%s", LOG_FULL);
        }
        append_line(job, text);
        if (job->observer.on_log)
                job->observer.on_log(job, priority, text, job->observer.userdata);
}

/* Where to end a piece of text: behind its last newline. Lines are shorter than a piece, so that
 * there always is one, but in a file that something else has damaged. */
static size_t whole_lines(const char *text, size_t size) {
        const char *newline = memrchr(text, '\n', size);

        return newline ? (size_t) (newline - text) + 1 : size;
}

int job_read_log(
                const Job *job,
                const Store *store,
                uint64_t offset,
                size_t max_bytes,
                JobLogPiece *ret) {
        _cleanup_free_ char *text = NULL, *path = str_printf("%u/log", job->id);
        _cleanup_close_ int fd = -EBADF;
        struct stat st;
        ssize_t n;

        if (max_bytes < REPORT_LINE_MAX)
                max_bytes = REPORT_LINE_MAX;
        text = malloc(max_bytes + 1);
        if (!path || !text)
                return -ENOMEM;
        fd = fd_open_beneath(store->jobs_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (offset > (uint64_t) st.st_size)
                return -EINVAL;
        n = pread(fd, text, max_bytes, (off_t) offset);
        if (n < 0)
                return -errno;
        n = (ssize_t) whole_lines(text, (size_t) n);
        text[n] = '\0';
        for (ssize_t i = 0; i < n; i++)
                if (text[i] == '\0')
                        text[i] = '?';
        str_make_utf8(text);
        *ret = (JobLogPiece){
                .text = TAKE_PTR(text),
                .next = offset + (uint64_t) n,
                .is_last = !job_is_living(job) && offset + (uint64_t) n == (uint64_t) st.st_size,
        };
        return 0;
}
