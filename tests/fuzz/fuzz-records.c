/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service's own records, of jobs, artifacts and images: what is read is written and read again as
 * the same. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "service/artifact.h"
#include "service/image-record.h"
#include "service/job.h"

static void check_job(const char *text, size_t size) {
        _cleanup_(job_freep) Job *job = NULL, *again = NULL;
        _cleanup_free_ char *first = NULL, *second = NULL;
        Failure failure = {};
        int r = job_parse_record(text, size, &job, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -EIO);
        if (r < 0)
                return;
        fuzz_check(job->id > 0 && job->progress_permille <= 1000);
        fuzz_check(job_format_record(job, &first) == 0);
        fuzz_check(job_parse_record(first, strlen(first), &again, NULL) == 0);
        fuzz_check(job_format_record(again, &second) == 0);
        fuzz_check(strcmp(first, second) == 0);
}

static void check_artifact(const char *text, size_t size) {
        _cleanup_(artifact_freep) Artifact *artifact = NULL, *again = NULL;
        _cleanup_free_ char *first = NULL, *second = NULL;
        Failure failure = {};
        int r = artifact_parse_record(text, size, &artifact, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -EIO);
        if (r < 0)
                return;
        fuzz_check(artifact_format_record(artifact, &first) == 0);
        fuzz_check(artifact_parse_record(first, strlen(first), &again, NULL) == 0);
        fuzz_check(artifact_format_record(again, &second) == 0);
        fuzz_check(strcmp(first, second) == 0);
}

static void check_image(const char *text, size_t size) {
        _cleanup_(image_record_freep) ImageRecord *record = NULL, *again = NULL;
        _cleanup_free_ char *first = NULL, *second = NULL;
        Failure failure = {};
        int r = image_record_parse(text, size, &record, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -EIO);
        if (r < 0)
                return;
        fuzz_check(images_name_is_good(record->name) && record->format && record->folder[0] == '/');
        fuzz_check(image_record_format(record, &first) == 0);
        fuzz_check(image_record_parse(first, strlen(first), &again, NULL) == 0);
        fuzz_check(image_record_format(again, &second) == 0);
        fuzz_check(strcmp(first, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        check_job((const char *) data, size);
        check_artifact((const char *) data, size);
        check_image((const char *) data, size);
        return 0;
}
