/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a worker says, through the pipe: lines, and each line as a report that writes itself back. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/strings.h"
#include "config/report.h"
#include "service/line-reader.h"

static void on_line(const char *line, void *userdata) {
        char again[REPORT_LINE_MAX];
        Report report;
        size_t size;

        fuzz_check(strlen(line) < REPORT_LINE_MAX && !strchr(line, '\n'));
        ++*(size_t *) userdata;
        if (report_parse(line, &report) < 0)
                return;
        fuzz_check(report.kind >= 0 && report.kind < _REPORT_KIND_MAX);
        fuzz_check(str_is_utf8(report.text));
        size = report_format(&report, again);
        fuzz_check(size == strlen(line) + 1 && memcmp(again, line, size - 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static LineReader reader = { .fd = -EBADF };
        size_t n_lines = 0, n_newlines = 0;

        for (size_t i = 0; i < size; i++)
                n_newlines += data[i] == '\n';
        reader.fd = fuzz_file(data, size);
        reader.size = 0;
        reader.skips = false;
        while (line_reader_read(&reader, on_line, &n_lines) > 0)
                ;
        fuzz_check(n_lines <= n_newlines);
        return 0;
}
