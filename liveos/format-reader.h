/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the readers of single formats share. Not for users of liveos/image-format.h. */

#include <stdbool.h>
#include <stddef.h>

#include "liveos/image-format.h"

typedef struct FormatFile {
        int fd; /* borrowed */
        uint64_t size_bytes;
        uint64_t max_bytes; /* of the disk in it */
} FormatFile;

/* Exactly these bytes. Errors: -ENODATA when the file ends before. */
int format_read(const FormatFile *file, uint64_t offset, void *ret, size_t size);

/* True when the file has these bytes. */
bool format_has(const FormatFile *file, uint64_t offset, uint64_t size);

uint32_t format_be32(const unsigned char *p);
uint64_t format_be64(const unsigned char *p);
uint16_t format_le16(const unsigned char *p);
uint32_t format_le32(const unsigned char *p);
uint64_t format_le64(const unsigned char *p);

/* Sets -ENOEXEC and says what of the image is damaged: "its header is cut short". */
int format_damaged(const char *what, Failure *reterr);

/* Errors: -ENOEXEC for an empty disk, -EFBIG for one above the limit. */
int format_check_disk(const FormatFile *file, uint64_t disk_bytes, Failure *reterr);

/* Each reads the headers of its format, whose signature has been seen. Errors: those of
 * image_format_probe(). */
int format_read_qcow2(const FormatFile *file, ImageFormat *ret, Failure *reterr);
int format_read_vhd(const FormatFile *file, ImageFormat *ret, Failure *reterr);
int format_read_vhd_fixed(const FormatFile *file, ImageFormat *ret, Failure *reterr);
int format_read_vhdx(const FormatFile *file, ImageFormat *ret, Failure *reterr);
