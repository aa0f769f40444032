/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/image-record.h"

#include <string.h>

#include "common/strings.h"
#include "config/plan-facts.h"
#include "service/image-records.h"
#include "tests/lib/test.h"

static Image image_of(const char *name, uint64_t inode) {
        Image image = { .name = strdup(name),
                        .folder = "/images",
                        .size_bytes = 7,
                        .inode = inode,
                        .modified_nsec = UINT64_C(1700000000123456789) };

        ck_assert_ptr_nonnull(image.name);
        return image;
}

static void take(ImageFacts *facts, const char *name, const char *text) {
        Report report = { .kind = REPORT_FACT };

        (void) snprintf(report.name, sizeof(report.name), "%s", name);
        (void) snprintf(report.text, sizeof(report.text), "%s", text);
        image_facts_take(facts, &report);
}

TEST(facts)
{
        char longest[IMAGE_OS_NAME_MAX + 8] = "";
        ImageFacts facts = {};

        take(&facts, "image-digest", "raw");
        ck_assert_ptr_null(facts.format);
        take(&facts, PLAN_IMAGE_FORMAT, "vhdx");
        ck_assert_str_eq(facts.format, "vhdx");
        take(&facts, PLAN_IMAGE_FORMAT, "vhd-fixed");
        ck_assert_str_eq(facts.format, "vhd");
        take(&facts, PLAN_IMAGE_FORMAT, "vmdk");
        ck_assert_ptr_null(facts.format);
        take(&facts, PLAN_OS, "A\033[31m \xe2\x80\xaeOS\xff");
        ck_assert_str_eq(facts.os_name, "A [31m    OS?");

        /* Cut between characters: the last that would fit by half is left out. */
        memset(longest, 'x', IMAGE_OS_NAME_MAX - 2);
        memcpy(longest + IMAGE_OS_NAME_MAX - 2, "\xc3\xa4", 3);
        take(&facts, PLAN_OS, longest);
        ck_assert_uint_eq(strlen(facts.os_name), IMAGE_OS_NAME_MAX - 2);
        ck_assert_int_eq(facts.os_name[IMAGE_OS_NAME_MAX - 3], 'x');
}

TEST(there_and_back)
{
        _cleanup_(image_record_freep) ImageRecord *record = NULL, *again = NULL;
        _cleanup_image_ Image image = image_of("base \"1\".img", 42);
        const ImageFacts facts = { "qcow2", "A tiny Debian" };
        _cleanup_free_ char *text = NULL;
        Failure failure = {};

        assert_ok(image_record_new(&record, &image, &facts, 1000));
        ck_assert(image_record_fits(record, &image));
        assert_ok(image_record_format(record, &text));
        assert_ok(image_record_parse(text, strlen(text), &again, &failure));
        ck_assert(image_record_fits(again, &image));
        ck_assert_str_eq(again->format, "qcow2");
        ck_assert_str_eq(again->os_name, "A tiny Debian");
        ck_assert_uint_eq(again->importer, 1000);

        image.modified_nsec++;
        ck_assert(!image_record_fits(again, &image));
        image.modified_nsec--;
        image.folder = "/other";
        ck_assert(!image_record_fits(again, &image));
}

#define START  "{\"version\": 1, \"folder\": "
#define MIDDLE "\"inode\": 1, \"size\": 2, \"modified\": 3, \"importer\": 4, "

TEST(strangers)
{
        static const struct {
                const char *text, *sentence;
        } rows[] = {
                { "", "The record is of no known version." },
                { "{\"version\": 2}", "The record is of no known version." },
                { "{\"version\": 1}",
                  "The record's member 'inode' is missing or of another type." },
                { START "\"/i\", \"name\": \"n\", " MIDDLE "\"format\": \"vmdk\"}",
                  "The record is not one of an image." },
                { START "\"/i\", \"name\": \"n\", " MIDDLE "\"format\": null}",
                  "The record is not one of an image." },
                { START "\"i\", \"name\": \"n\", " MIDDLE "\"format\": \"raw\"}",
                  "The record is not one of an image." },
                { START "\"/i\", \"name\": \"../n\", " MIDDLE "\"format\": \"raw\"}",
                  "The record is not one of an image." },
                { START "\"/i\", " MIDDLE "\"format\": \"raw\"}",
                  "The record is not one of an image." },
                { START "\"/i\", \"name\": \"n\", " MIDDLE
                        "\"format\": \"raw\", \"os\": \"a\\nb\"}",
                  "The record is not one of an image." },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(image_record_freep) ImageRecord *record = NULL;
                Failure failure = {};

                assert_errno(image_record_parse(
                                             rows[i].text,
                                             strlen(rows[i].text),
                                             &record,
                                             &failure),
                             -EIO);
                assert_failure(&failure, rows[i].sentence);
        }
}

static void add(ImageRecords *records, int fd, const Image *image) {
        const ImageFacts facts = { .format = "raw" };
        ImageRecord *record = NULL;

        assert_ok(image_record_new(&record, image, &facts, IMAGE_IMPORTER_NONE));
        assert_ok(image_record_save(record, fd, NULL));
        assert_ok(image_records_add(records, record));
}

TEST(all_of_them)
{
        _cleanup_image_ Image a = image_of("a", 1), b = image_of("b", 2), c = image_of("c", 3);
        ImageRecords records = {}, again = {};
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        Image left[] = { a };

        add(&records, fd, &a);
        add(&records, fd, &b);
        c.folder = "/unmounted";
        add(&records, fd, &c);
        a.size_bytes++;
        ck_assert_ptr_null(image_records_find(&records, &a));
        add(&records, fd, &a);
        ck_assert_uint_eq(records.n_items, 3);
        ck_assert_ptr_nonnull(image_records_find(&records, &a));

        left[0] = a;
        image_records_sweep(&records, fd, &(Images){ left, 1 });
        ck_assert_ptr_null(image_records_find(&records, &b));
        assert_ok(image_records_load(&again, fd));
        ck_assert_uint_eq(again.n_items, 2);
        ck_assert_ptr_nonnull(image_records_find(&again, &a));
        ck_assert_ptr_nonnull(image_records_find(&again, &c));
        assert_ok(image_records_name_os(&again, fd, &a, "An OS", NULL));
        assert_ok(image_records_name_os(&again, fd, &b, "Nobody's", NULL));
        assert_ok(image_records_reload(&again, fd, &a, NULL));
        ck_assert_uint_eq(again.n_items, 2);
        ck_assert_str_eq(image_records_find(&again, &a)->os_name, "An OS");
        image_records_remove(&again, fd, &a);
        assert_errno(image_records_reload(&again, fd, &a, NULL), -EIO);
        assert_ok(image_records_reload(&again, fd, &c, NULL));
        ck_assert_uint_eq(again.n_items, 1);
        image_records_done(&again);
        image_records_done(&records);
}
