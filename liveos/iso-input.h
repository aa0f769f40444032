/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An ISO as the image: its files, read with libarchive in a sealed child and never by the kernel. They
 * are laid one after the other into one file of the scratch folder, so that a squashfs among them can be
 * mounted from its place there.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/failure.h"
#include "config/config.h"
#include "liveos/partitions.h"

#define ISO_FILES_MAX 4096
#define ISO_PATH_MAX  256

/* What the file of all contents is called in the scratch folder. */
#define ISO_CONTENTS_NAME "medium"

typedef struct IsoFile {
        char path[ISO_PATH_MAX]; /* below the medium's root, no "..", without a leading '/' */
        uint64_t offset_bytes;   /* where its bytes begin, a multiple of 4 KiB */
        uint64_t size_bytes;
        uint32_t permissions; /* 0 to 0777 */
} IsoFile;

typedef struct IsoInput {
        uint32_t n_files;
        IsoFile files[ISO_FILES_MAX];
} IsoInput;

/* Lays the ISO's files out in the scratch folder. Blocks until done or until the lifeline ends.
 * Returns their list, which the caller frees, and a read-only descriptor of the contents.
 * Errors: -ENOEXEC when it is no Live OS or not sound, -E2BIG when it has more files than
 * ISO_FILES_MAX or a longer path than ISO_PATH_MAX, -ENOSPC, -ECANCELED. */
int iso_input_take(
                int image_fd,
                int scratch_fd,
                int lifeline_fd,
                IsoInput **ret,
                int *ret_contents_fd,
                Failure *reterr);

/* Whether iso_input_take() would take the ISO: its files are listed, and no content is read. Blocks.
 * Errors: -ENOEXEC and -E2BIG as there, -ECANCELED. */
int iso_input_check(int image_fd, int lifeline_fd, Failure *reterr);

/* The file of that path, upper and lower case being the same; NULL when there is none. */
const IsoFile *iso_input_find(const IsoInput *iso, const char *path);

/* What the ISO boots: bootstrap when it has a rootfs.img, else full-os. */
InitramfsType iso_input_type(const IsoInput *iso);

/* The file systems in the contents, as if they were a disk's partitions: the squashfs, or none. */
void iso_input_partitions(const IsoInput *iso, PartitionTable *ret);
