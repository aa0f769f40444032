/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An ISO as the image: where its files lie, listed with libarchive in a sealed child and never by the kernel.
 * Each lies there in one piece, so that a squashfs among them can be mounted from its place as if it were a
 * disk's partition, and nothing has to be copied out first.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/failure.h"
#include "config/config.h"
#include "liveos/partitions.h"

#define ISO_FILES_MAX 4096
#define ISO_PATH_MAX  256

typedef struct IsoFile {
        char path[ISO_PATH_MAX]; /* below the medium's root, no "..", without a leading '/' */
        uint64_t offset_bytes;   /* where in the ISO its bytes begin, a multiple of 512 */
        uint64_t size_bytes;
        uint32_t permissions; /* 0 to 0777 */
} IsoFile;

/* Of ISO 9660; Joliet has half of it. */
#define ISO_VOLUME_ID_MAX 32

typedef struct IsoInput {
        char volume_id[ISO_VOLUME_ID_MAX + 1]; /* empty: none that an order could ask for */
        uint32_t n_files;
        IsoFile files[ISO_FILES_MAX];
} IsoInput;

/* Lists the ISO's files and reads its volume id; no content is read. Blocks until done or until the lifeline ends.
 * Caller frees. Errors: -ENOEXEC when it is no Live OS or not sound, -E2BIG when it has more files than
 * ISO_FILES_MAX or a longer path than ISO_PATH_MAX, -EOPNOTSUPP when a file is packed or lies in pieces,
 * -ECANCELED. */
int iso_input_read(int image_fd, int lifeline_fd, IsoInput **ret, Failure *reterr);

/* The file of that path, upper and lower case being the same; NULL when there is none. */
const IsoFile *iso_input_find(const IsoInput *iso, const char *path);

/* What the ISO boots: bootstrap when it has a rootfs.img, else full-os. */
InitramfsType iso_input_type(const IsoInput *iso);

/* The file systems on the ISO, as if they were a disk's partitions: the squashfs, or none. */
void iso_input_partitions(const IsoInput *iso, PartitionTable *ret);
