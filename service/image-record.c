/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Records of images. The inode is in the name of a record's file, too, so that an image that takes
 * another's place has its record before it has the name, and a crash between leaves both right.
 */

#include "service/image-record.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/digest.h"
#include "common/fs.h"
#include "common/strings.h"
#include "config/plan-facts.h"
#include "service/record.h"
#include "service/system-failure.h"

/* What a format is may be said in these words only: they are shown to everybody. */
static const char *const formats[] = { "raw", "qcow2", "vhd", "vhdx", "iso", IMAGE_FORMAT_UNKNOWN };

/* A format that a worker tells from another, but not to those who choose an image. */
#define VHD_FIXED "vhd-fixed"

static const RecordMember members[] = {
        { "folder", RECORD_TEXT, offsetof(ImageRecord, folder) },
        { "name", RECORD_TEXT, offsetof(ImageRecord, name) },
        { "inode", RECORD_U64, offsetof(ImageRecord, inode) },
        { "size", RECORD_U64, offsetof(ImageRecord, size_bytes) },
        { "modified", RECORD_U64, offsetof(ImageRecord, modified_nsec) },
        { "importer", RECORD_U32, offsetof(ImageRecord, importer) },
        { "format", RECORD_TEXT, offsetof(ImageRecord, format) },
        { "os", RECORD_TEXT, offsetof(ImageRecord, os_name) },
};

static const char *find_format(const char *word) {
        for (size_t i = 0; i < ELEMENTSOF(formats); i++)
                if (str_equal(formats[i], word))
                        return formats[i];
        return NULL;
}

/* Cuts between characters. */
static void set_os_name(ImageFacts *facts, const char *text) {
        size_t size = strlen(text);

        if (size >= sizeof(facts->os_name))
                for (size = sizeof(facts->os_name) - 1; size > 0; size--)
                        if (((unsigned char) text[size] & 0xc0U) != 0x80U)
                                break;
        memcpy(facts->os_name, text, size);
        facts->os_name[size] = '\0';
        str_make_utf8(facts->os_name);
        str_blank_controls(facts->os_name);
}

void image_facts_take(ImageFacts *facts, const Report *report) {
        if (report->kind != REPORT_FACT)
                return;
        if (str_equal(report->name, PLAN_IMAGE_FORMAT))
                facts->format = find_format(
                                str_equal(report->text, VHD_FIXED) ? "vhd" : report->text);
        else if (str_equal(report->name, PLAN_OS))
                set_os_name(facts, report->text);
}

int image_record_new(
                ImageRecord **ret,
                const Image *image,
                const ImageFacts *facts,
                uint32_t importer) {
        _cleanup_(image_record_freep) ImageRecord *record = calloc(1, sizeof(*record));

        if (!record)
                return -ENOMEM;
        *record = (ImageRecord){
                .folder = strdup(image->folder),
                .name = strdup(image->name),
                .inode = image->inode,
                .size_bytes = image->size_bytes,
                .modified_nsec = image->modified_nsec,
                .format = strdup(facts->format ? facts->format : IMAGE_FORMAT_UNKNOWN),
                .os_name = facts->os_name[0] != '\0' ? strdup(facts->os_name) : NULL,
                .importer = importer,
        };
        if (!record->folder || !record->name || !record->format ||
            (facts->os_name[0] != '\0' && !record->os_name))
                return -ENOMEM;
        *ret = TAKE_PTR(record);
        return 0;
}

ImageRecord *image_record_free(ImageRecord *record) {
        if (!record)
                return NULL;
        free(record->folder);
        free(record->name);
        free(record->format);
        free(record->os_name);
        free(record);
        return NULL;
}

bool image_record_fits(const ImageRecord *record, const Image *image) {
        return record->inode == image->inode && record->size_bytes == image->size_bytes &&
               record->modified_nsec == image->modified_nsec &&
               str_equal(record->name, image->name) && str_equal(record->folder, image->folder);
}

void image_record_format_name(
                const char *folder,
                const char *name,
                uint64_t inode,
                char ret_name[static IMAGE_RECORD_NAME_SIZE]) {
        char key[PATH_MAX + NAME_MAX + 32], digest[DIGEST_SIZE];
        int size = snprintf(key, sizeof(key), "%" PRIu64 " %s/%s", inode, folder, name);

        digest_bytes(key, (size_t) size < sizeof(key) ? (size_t) size : sizeof(key) - 1, digest);
        (void) snprintf(ret_name, IMAGE_RECORD_NAME_SIZE, "%s.json", digest);
}

int image_record_format(const ImageRecord *record, char **ret_text) {
        _cleanup_json_ Json json = {};

        record_begin(&json);
        record_write(&json, members, ELEMENTSOF(members), record);
        json_end_object(&json);
        return json_finish(&json, ret_text);
}

/* What a number or a text alone does not say. */
static bool makes_sense(const ImageRecord *record) {
        const char *os_name = record->os_name ? record->os_name : "";
        char clean[IMAGE_OS_NAME_MAX];

        if (!find_format(record->format) || !record->folder || record->folder[0] != '/' ||
            strlen(record->folder) >= PATH_MAX || !record->name ||
            !images_name_is_good(record->name) || strlen(os_name) >= sizeof(clean))
                return false;
        (void) snprintf(clean, sizeof(clean), "%s", os_name);
        str_make_utf8(clean);
        str_blank_controls(clean);
        return str_equal(clean, os_name);
}

int image_record_parse(const char *text, size_t size, ImageRecord **ret, Failure *reterr) {
        _cleanup_(image_record_freep) ImageRecord *record = calloc(1, sizeof(*record));
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        int r;

        if (!record)
                return -ENOMEM;
        r = record_parse(text, size, &tree, reterr);
        if (r >= 0)
                r = record_read(yaml_tree_root(tree), members, ELEMENTSOF(members), record, reterr);
        if (r < 0)
                return r;
        if (!makes_sense(record))
                return failure_set(reterr, -EIO, "The record is not one of an image.");
        *ret = TAKE_PTR(record);
        return 0;
}

int image_record_save(const ImageRecord *record, int records_fd, Failure *reterr) {
        char name[IMAGE_RECORD_NAME_SIZE];
        _cleanup_free_ char *text = NULL;
        int r = image_record_format(record, &text);

        image_record_format_name(record->folder, record->name, record->inode, name);
        if (r >= 0)
                r = fs_write_atomic(records_fd, name, text, strlen(text), 0600);
        return r < 0 ? system_failure_set(
                                       reterr,
                                       r,
                                       "Cannot note what the image '%s' is",
                                       record->name)
                     : 0;
}
