/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The partitions of a disk image: where each lies, what kind it is, which file system is in it. The
 * table is read in user space, in a sealed reader, never by the kernel.
 */

#include <stdint.h>

#include "common/failure.h"

#define PARTITIONS_MAX 32

typedef struct Partition {
        uint32_t number; /* as in the table, from 1 */
        uint64_t offset_bytes;
        uint64_t size_bytes;
        char type[40];     /* GPT type as a lower-case GUID */
        char uuid[40];     /* of the partition (PARTUUID), lower-case; "" when it has none */
        char name[64];     /* of the partition (PARTLABEL) */
        char fstype[16];   /* ext4, xfs, btrfs, vfat, …; "" when nothing was recognised */
        char fs_uuid[40];  /* UUID; "" when it has none */
        char fs_label[64]; /* LABEL */
} Partition;

typedef struct PartitionTable {
        uint32_t n_items;
        Partition items[PARTITIONS_MAX];
} PartitionTable;

#define PARTITION_TYPE_ESP "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"

/* Reads the table of a raw image in a sealed child; see sealed_run() for what the lifeline does.
 * Blocks. Errors: -ENOEXEC when it is no disk image with a GPT, or one with more than
 * PARTITIONS_MAX partitions or with partitions outside of it. */
int partitions_read(int image_fd, int lifeline_fd, PartitionTable *ret, Failure *reterr);

/* What the sealed child does; `ret` is empty before. Reads image and partitions, hostile as they are, in
 * this process. Blocks. Errors: -ENOEXEC, -E2BIG for more than PARTITIONS_MAX partitions, -EUCLEAN for
 * a table that is cut short. */
int partitions_probe(int image_fd, PartitionTable *ret);

/* What is done with the child's answer, whoever wrote it. Errors: -EBADMSG for what no table can be,
 * -ENOEXEC for partitions outside of the image. */
int partitions_check(const PartitionTable *table, int image_fd, Failure *reterr);

/* The first EFI system partition, NULL when there is none. */
const Partition *partitions_find_esp(const PartitionTable *table);

/* The partition that an fstab's first field means: UUID=, LABEL=, PARTUUID=, PARTLABEL=, or one
 * whose /dev/disk/by-… link says the same; NULL when it is none of the table. */
const Partition *partitions_find_spec(const PartitionTable *table, const char *spec);

/* True for what the container can mount (container/filesystem.h). */
int partition_is_mountable(const Partition *partition);
