/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is remembered of an image in one of the service's folders: who imported it, and what a worker
 * found in it. The image itself is the administrator's to change or replace at any time, so a record
 * is about exactly one file, by folder, name, inode, size and time of change; of any other file it
 * says nothing.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/failure.h"
#include "config/report.h"
#include "service/images.h"

#define IMAGE_FORMAT_UNKNOWN "unknown" /* no worker can tell what it is */
#define IMAGE_OS_NAME_MAX    128       /* bytes */
#define IMAGE_IMPORTER_NONE  UINT32_MAX

/* "<64 digits>.json": what the file of a record is called. */
#define IMAGE_RECORD_NAME_SIZE 72

/* What a worker reports of an image, bounded and made harmless. */
typedef struct ImageFacts {
        const char *format;              /* static; NULL: not reported */
        char os_name[IMAGE_OS_NAME_MAX]; /* one line of UTF-8; "" when it has none */
} ImageFacts;

typedef struct ImageRecord {
        char *folder;
        char *name;
        uint64_t inode;
        uint64_t size_bytes;
        uint64_t modified_nsec;
        char *format;      /* raw, qcow2, vhd, vhdx, iso, or IMAGE_FORMAT_UNKNOWN */
        char *os_name;     /* NULL: not known */
        uint32_t importer; /* the uid of who imported it; IMAGE_IMPORTER_NONE: nobody has */
} ImageRecord;

/* Keeps a fact if it is one of an image and makes sense. */
void image_facts_take(ImageFacts *facts, const Report *report);

/* A record of what is known about the file. The format may be missing: IMAGE_FORMAT_UNKNOWN.
 * Errors: -ENOMEM. */
int image_record_new(
                ImageRecord **ret,
                const Image *image,
                const ImageFacts *facts,
                uint32_t importer);
ImageRecord *image_record_free(ImageRecord *record);
DEFINE_CLEANUP(ImageRecord *, image_record_free);

/* Whether it is about the file as it is now. */
bool image_record_fits(const ImageRecord *record, const Image *image);

/* What the record's file is called: no other image's is. Pure. */
void image_record_format_name(
                const char *folder,
                const char *name,
                uint64_t inode,
                char ret_name[static IMAGE_RECORD_NAME_SIZE]);

/* As JSON, and back. Pure; what is read may be anything. Errors: -EIO with a sentence, -ENOMEM. */
int image_record_format(const ImageRecord *record, char **ret_text);
int image_record_parse(const char *text, size_t size, ImageRecord **ret, Failure *reterr);

/* Writes it into the folder of records. Blocks for some fsync(). Errors: -ENOSPC, -EIO, with a
 * sentence. */
int image_record_save(const ImageRecord *record, int records_fd, Failure *reterr);
