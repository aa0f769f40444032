/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The records of all images, in memory as on disk: one file for each in <state>/image-records. Those of
 * images that have gone are removed from time to time.
 */

#include <stddef.h>

#include "common/failure.h"
#include "service/image-record.h"
#include "service/images.h"

typedef struct ImageRecords {
        ImageRecord **items;
        size_t n_items;
} ImageRecords;

/* Reads what an earlier service knew. A record that cannot be read goes into quarantine; what cannot be read at
 * all counts for nothing and is logged. Blocks. Errors: -ENOMEM. */
int image_records_load(ImageRecords *ret, int records_fd);
void image_records_done(ImageRecords *records);

/* What is known about the file as it is now; borrowed. NULL: nothing. */
const ImageRecord *image_records_find(const ImageRecords *records, const Image *image);

/* Adds it in memory, in place of one of the same file. Owns the record in any case. Errors: -ENOMEM. */
int image_records_add(ImageRecords *records, ImageRecord *take_record);

/* Adds what a child has saved about the file. Blocks. Errors: -EIO, -ENOMEM; with a sentence. */
int image_records_reload(
                ImageRecords *records,
                int records_fd,
                const Image *image,
                Failure *reterr);

/* Adds the OS to what is known about the file, if anything is. Blocks for some fsync(). Errors: -ENOSPC, -EIO, with
 * a sentence; -ENOMEM. */
int image_records_name_os(
                ImageRecords *records,
                int records_fd,
                const Image *image,
                const char *os_name,
                Failure *reterr);

/* Forgets what is known about the file, on disk too. Blocks. */
void image_records_remove(ImageRecords *records, int records_fd, const Image *image);

/* Forgets the records of files that are not among the images. One of a folder without any image stays: its disk
 * may not be there just now. Blocks. */
void image_records_sweep(ImageRecords *records, int records_fd, const Images *images);
