/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What pxectl makes of a service's answers: a job's properties, lists, an artifact's files. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/artifact.h"
#include "client/job.h"
#include "client/print.h"
#include "client/table-out.h"
#include "common/strings.h"
#include "tests/fuzz/message.h"

static void read_job(sd_bus_message *m) {
        _cleanup_job_ Job job = {};
        _cleanup_json_ Json json = {};
        Failure failure = {};
        int r = job_update(m, &job);

        fuzz_check(r <= _JOB_PROPERTY_MAX * 8);
        if (r < 0)
                return;
        fuzz_check(job_text(&job, JOB_TITLE));
        if (job_has_ended(&job))
                fuzz_check_result(job_result(&job, &failure), &failure, FUZZ_SENTENCE);
        record_print(job_columns, _JOB_PROPERTY_MAX, job.values);
        json_begin_object(&json, NULL);
        record_to_json(&json, job_columns, _JOB_PROPERTY_MAX, job.values);
        json_end_object(&json);
        fuzz_check(print_json(&json) == 0);
}

static void read_table(sd_bus_message *m, bool as_json) {
        static const Column columns[] = {
                { "Name", "name", 's', COLUMN_PLAIN },  { "Size", "size", 't', COLUMN_SIZE },
                { NULL, "owner", 'u', COLUMN_USER },    { "Since", "since", 't', COLUMN_TIME },
                { "Done", NULL, 'd', COLUMN_PROGRESS }, { "Path", "path", 'o', COLUMN_PLAIN },
                { "Own", "own", 'b', COLUMN_YES },
        };

        (void) table_print(m, columns, ELEMENTSOF(columns), as_json);
}

static void read_artifact(sd_bus_message *m) {
        _cleanup_artifact_ Artifact artifact = { .folder_fd = -EBADF };
        int r = artifact_read_list(m, &artifact);

        for (size_t i = 0; r >= 0 && i < artifact.n_files; i++) {
                const char *path = artifact.files[i].path;

                fuzz_check(*path && *path != '/' && !strstr(path, "//"));
                fuzz_check(!str_equal(path, "..") && strncmp(path, "../", 3) != 0);
                fuzz_check(!strstr(path, "/../") && !str_has_suffix(path, "/.."));
                fuzz_check(artifact_find(&artifact, path));
                fuzz_check(artifact.files[i].permissions <= 0777);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char *const signatures[] = { "a{sv}", "a(stutdob)", "a(stutdob)", "a(stsu)" };
        uint8_t kind = fuzz_take_byte(&data, &size) & 3;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        static bool is_silent;

        if (!is_silent)
                is_silent = freopen("/dev/null", "w", stdout) != NULL;
        m = fuzz_take_message(&data, &size, signatures[kind]);
        if (kind == 0)
                read_job(m);
        else if (kind == 3)
                read_artifact(m);
        else
                read_table(m, kind == 1);
        return 0;
}
