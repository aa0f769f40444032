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
        char type[40];     /* of GPT a lower-case GUID, of MBR a number: "0x83" */
        char uuid[40];     /* of the partition (PARTUUID), lower-case; "" when it has none */
        char name[64];     /* of the partition (PARTLABEL); MBR has none */
        char fstype[16];   /* ext4, xfs, btrfs, vfat, …; "" when nothing was recognised */
        char fs_uuid[40];  /* UUID; "" when it has none */
        char fs_label[64]; /* LABEL */
} Partition;

typedef struct PartitionTable {
        uint32_t n_items;
        Partition items[PARTITIONS_MAX];
} PartitionTable;

/* Reads the table of a raw image in a sealed child; see sealed_run() for what the lifeline does.
 * Blocks. Errors: -ENOEXEC when it is no disk image with a GPT or an MBR, or one with more than
 * PARTITIONS_MAX partitions or with partitions outside of it. */
int partitions_read(int image_fd, int lifeline_fd, PartitionTable *ret, Failure *reterr);

/* What the sealed child does; `ret` is empty before. An extended partition of an MBR is left out, as those
 * in it are partitions themselves. Reads image and partitions, hostile as they are, in
 * this process. Blocks. Errors: -ENOEXEC, -E2BIG for more than PARTITIONS_MAX partitions, -EUCLEAN for
 * a table that is cut short. */
int partitions_probe(int image_fd, PartitionTable *ret);

/* What is done with the child's answer, whoever wrote it. Errors: -EBADMSG for what no table can be,
 * -ENOEXEC for partitions outside of the image. */
int partitions_check(const PartitionTable *table, int image_fd, Failure *reterr);

/* Whether in each partition of a table, which something else than partitions_read() has made, lies the file system
 * that it says, and nothing else that the host could take it for. In a sealed child; blocks. Errors: -ENOEXEC when not,
 * without a sentence. */
int partitions_verify(int image_fd, int lifeline_fd, const PartitionTable *table, Failure *reterr);

/* The first EFI system partition, NULL when there is none. */
const Partition *partitions_find_esp(const PartitionTable *table);

/* The partition that an fstab's first field means: UUID=, LABEL=, PARTUUID=, PARTLABEL=, one whose
 * /dev/disk/by-… link says the same, or the name that it has on a machine's first disk (/dev/sda2,
 * /dev/nvme0n1p2, …); NULL when it is none of the table. */
const Partition *partitions_find_spec(const PartitionTable *table, const char *spec);

/* What a partition is that holds no file system itself but something that would have to be opened first:
 * "a volume of LVM"; NULL for others. Static. */
const char *partition_describe_layer(const Partition *partition);

/* True for what the container can mount (container/filesystem.h). */
int partition_is_mountable(const Partition *partition);
