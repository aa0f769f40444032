/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an image file is, by its content and never by its name: a disk as it is, or a disk packed in the
 * format of a hypervisor. What stands on other files, is encrypted or is no disk is refused here, in
 * words, before any program is let near it.
 */

#include <stdint.h>

#include "common/failure.h"

typedef enum ImageKind {
        IMAGE_RAW,
        IMAGE_QCOW2,
        IMAGE_VHD,       /* dynamic: blocks and a table of where they are */
        IMAGE_VHD_FIXED, /* a raw disk with 512 bytes behind it: read as it is */
        IMAGE_VHDX,
        IMAGE_ISO, /* ISO 9660: files of a Live OS, and no disk; see liveos/iso-input.h */
        _IMAGE_KIND_MAX,
        _IMAGE_KIND_INVALID = -22, /* -EINVAL */
} ImageKind;

typedef struct ImageFormat {
        ImageKind kind;
        uint64_t disk_bytes; /* of the disk that is in it */
} ImageFormat;

/* "raw", "qcow2", "vhd", "vhd-fixed", "vhdx", "iso". Static. */
const char *image_kind_to_string(ImageKind kind);

/* What qemu-img calls the format, with what has to be said besides ("\"driver\":\"qcow2\"…", the inside
 * of a JSON object); NULL for a kind that is not unpacked by it. Static. */
const char *image_kind_driver(ImageKind kind);

/* Looks at headers and tables. Reads hostile bytes in this process. Blocks.
 * Errors: -EOPNOTSUPP for what is not taken (a format, a backing file, encryption, snapshots), -ENOEXEC
 * for a damaged one, -EFBIG when the disk is larger than `max_bytes`; each with its sentence. */
int image_format_probe(int image_fd, uint64_t max_bytes, ImageFormat *ret, Failure *reterr);

/* Whether it is an ISO: 1, 0, or a negative errno when that cannot be told. Reads hostile bytes in this
 * process, and blocks for as long as the file's file system likes. */
int image_format_is_iso(int image_fd);

/* The same as image_format_probe() in a sealed child; see sealed_run() for what the lifeline does and for
 * further errors. */
int image_format_read(
                int image_fd,
                uint64_t max_bytes,
                int lifeline_fd,
                ImageFormat *ret,
                Failure *reterr);
