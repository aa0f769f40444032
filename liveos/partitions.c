/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The partitions of a disk image, by libblkid; the only file that knows it. The probing runs in a
 * sealed reader and hands back one plain struct, which is checked here like anything of a stranger.
 */

#include "liveos/partitions.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <blkid/blkid.h>

#include "common/fd.h"
#include "common/strings.h"
#include "container/filesystem.h"
#include "container/sealed.h"

#define SECTOR_BYTES UINT64_C(512)

static void cleanup_probe(blkid_probe *probe) {
        if (*probe)
                blkid_free_probe(*probe);
}
#define _cleanup_probe_ _cleanup_(cleanup_probe)

static void copy_lower(char *to, size_t size, const char *from) {
        (void) snprintf(to, size, "%s", from ? from : "");
        for (; *to; to++)
                *to = (char) tolower((unsigned char) *to);
}

static void copy_value(char *to, size_t size, blkid_probe probe, const char *name) {
        const char *value = NULL;

        if (blkid_probe_lookup_value(probe, name, &value, NULL) < 0)
                value = NULL;
        (void) snprintf(to, size, "%s", value ? value : "");
}

/* What lies in the partition. More than one signature, or none, is no file system to us. */
static int probe_contents(int fd, Partition *partition) {
        _cleanup_probe_ blkid_probe probe = blkid_new_probe();

        if (!probe)
                return -ENOMEM;
        /* One outside of the image, which partitions_check() refuses. */
        if (blkid_probe_set_device(
                            probe,
                            fd,
                            (blkid_loff_t) partition->offset_bytes,
                            (blkid_loff_t) partition->size_bytes) < 0)
                return 0;
        if (blkid_probe_enable_superblocks(probe, 1) < 0 ||
            blkid_probe_set_superblocks_flags(
                            probe,
                            BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL) < 0)
                return -EIO;
        if (blkid_do_safeprobe(probe) != 0)
                return 0;
        copy_value(partition->fstype, sizeof(partition->fstype), probe, "TYPE");
        copy_value(partition->fs_uuid, sizeof(partition->fs_uuid), probe, "UUID");
        copy_value(partition->fs_label, sizeof(partition->fs_label), probe, "LABEL");
        return 0;
}

static int probe_partition(int fd, blkid_partition found, Partition *ret) {
        int number = blkid_partition_get_partno(found);

        if (number < 1)
                return -ENOEXEC;
        *ret = (Partition){
                .number = (uint32_t) number,
                .offset_bytes = (uint64_t) blkid_partition_get_start(found) * SECTOR_BYTES,
                .size_bytes = (uint64_t) blkid_partition_get_size(found) * SECTOR_BYTES,
        };
        if (blkid_partition_get_type_string(found))
                copy_lower(ret->type, sizeof(ret->type), blkid_partition_get_type_string(found));
        else
                (void) snprintf(ret->type,
                                sizeof(ret->type),
                                "0x%02x",
                                (unsigned) blkid_partition_get_type(found));
        copy_lower(ret->uuid, sizeof(ret->uuid), blkid_partition_get_uuid(found));
        (void) snprintf(ret->name,
                        sizeof(ret->name),
                        "%s",
                        blkid_partition_get_name(found) ? blkid_partition_get_name(found) : "");
        return probe_contents(fd, ret);
}

/* A disk with a GPT has a record in front that keeps older programs off. It is there, and the GPT is
 * not: libblkid wants it to end within the image. */
static int judge_no_table(int fd) {
        unsigned char mbr[SECTOR_BYTES] = {};
        const size_t type = 446 + 4, magic = 510;

        if (pread(fd, mbr, sizeof(mbr), 0) < 0)
                return -errno;
        if (mbr[type] == 0xee && mbr[magic] == 0x55 && mbr[magic + 1] == 0xaa)
                return -EUCLEAN;
        return -ENOEXEC;
}

static bool table_is_known(blkid_partlist list) {
        const char *type = blkid_parttable_get_type(blkid_partlist_get_table(list));

        return str_equal(type, "gpt") || str_equal(type, "dos");
}

/* Others only frame partitions: the extended one of an MBR, and what a BSD has made of one. */
static bool partition_counts(blkid_partlist list, blkid_partition found) {
        return !blkid_partition_is_extended(found) &&
               blkid_partition_get_table(found) == blkid_partlist_get_table(list);
}

static int probe_list(int fd, blkid_partlist list, PartitionTable *ret) {
        int n = blkid_partlist_numof_partitions(list);

        for (int i = 0; i < n; i++) {
                blkid_partition found = blkid_partlist_get_partition(list, i);
                int r;

                if (!partition_counts(list, found))
                        continue;
                if (ret->n_items == PARTITIONS_MAX)
                        return -E2BIG;
                r = probe_partition(fd, found, &ret->items[ret->n_items]);
                if (r < 0)
                        return r;
                ret->n_items++;
        }
        return ret->n_items > 0 ? 0 : -ENOEXEC;
}

int partitions_probe(int fd, PartitionTable *ret) {
        _cleanup_probe_ blkid_probe probe = blkid_new_probe();
        blkid_partlist list;

        if (!probe)
                return -ENOMEM;
        if (blkid_probe_set_device(probe, fd, 0, 0) < 0 ||
            blkid_probe_enable_partitions(probe, 1) < 0)
                return -EIO;
        list = blkid_probe_get_partitions(probe);
        if (!list || blkid_partlist_numof_partitions(list) <= 0 || !table_is_known(list))
                return judge_no_table(fd);
        return probe_list(fd, list, ret);
}

static int reader(void *userdata, int out_fd) {
        static PartitionTable table;
        int r = partitions_probe(*(int *) userdata, &table);

        return r < 0 ? r : fd_write_all(out_fd, &table, sizeof(table));
}

/* A table that something else has told, and its image. */
typedef struct Claim {
        int image_fd;
        const PartitionTable *table;
} Claim;

static int judge_claim(void *userdata, int out_fd _unused_) {
        const Claim *claim = userdata;

        for (size_t i = 0; i < claim->table->n_items; i++) {
                Partition found = claim->table->items[i];
                int r;

                found.fstype[0] = '\0';
                r = probe_contents(claim->image_fd, &found);
                if (r < 0)
                        return r;
                if (!str_equal(found.fstype, claim->table->items[i].fstype))
                        return -ENOEXEC;
        }
        return 0;
}

static int is_text(const char *s, size_t size) {
        return memchr(s, '\0', size) != NULL;
}

/* The reader may have been taken over: whatever it says has to be harmless. */
static int check_partition(const Partition *p, uint64_t image_bytes) {
        uint64_t end;

        if (!is_text(p->type, sizeof(p->type)) || !is_text(p->uuid, sizeof(p->uuid)) ||
            !is_text(p->name, sizeof(p->name)) || !is_text(p->fstype, sizeof(p->fstype)) ||
            !is_text(p->fs_uuid, sizeof(p->fs_uuid)) || !is_text(p->fs_label, sizeof(p->fs_label)))
                return -ENOEXEC;
        if (p->number < 1 || p->number > 128 || p->size_bytes == 0)
                return -ENOEXEC;
        if (__builtin_add_overflow(p->offset_bytes, p->size_bytes, &end) || end > image_bytes)
                return -ENOEXEC;
        return 0;
}

int partitions_check(const PartitionTable *table, int image_fd, Failure *reterr) {
        struct stat st;

        if (fstat(image_fd, &st) < 0)
                return failure_set_errno(reterr, -errno, "The image cannot be read");
        if (table->n_items > PARTITIONS_MAX)
                return failure_set(reterr, -EBADMSG, "The partition table's reader lied.");
        for (size_t i = 0; i < table->n_items; i++)
                if (check_partition(&table->items[i], (uint64_t) st.st_size) < 0)
                        return failure_set(
                                        reterr,
                                        -ENOEXEC,
                                        "Partition %zu of the image lies outside of it: the image is cut short or damaged; copy it again, whole.",
                                        i + 1);
        return 0;
}

static Sealed seal(const int *image_fd, int lifeline_fd) {
        Sealed sealed = SEALED_INIT;

        sealed.name = "reader of the partition table";
        sealed.profile = SEALED_READER;
        sealed.keep_fds = image_fd;
        sealed.n_keep_fds = 1;
        sealed.max_memory_bytes = sealed_memory_default();
        sealed.max_output_bytes = sizeof(PartitionTable);
        sealed.lifeline_fd = lifeline_fd;
        return sealed;
}

int partitions_read(int image_fd, int lifeline_fd, PartitionTable *ret, Failure *reterr) {
        _cleanup_free_ char *result = NULL;
        Sealed sealed = seal(&image_fd, lifeline_fd);
        size_t size = 0;
        int r;

        sealed.function = reader;
        sealed.userdata = &image_fd;
        r = sealed_run(&sealed, &result, &size, reterr);
        if (r == -ENOEXEC)
                return failure_set(
                                reterr,
                                r,
                                "The image is not a disk with a partition table (GPT or MBR): give an image of a whole disk, not of one partition.");
        if (r == -EUCLEAN)
                return failure_set(
                                reterr,
                                -ENOEXEC,
                                "The image has no whole GUID partition table, or one without partitions: the image is cut short or damaged; copy it again, whole.");
        if (r == -E2BIG)
                return failure_set(
                                reterr,
                                -ENOEXEC,
                                "The image has more than %d partitions, which is more than pxed takes.",
                                PARTITIONS_MAX);
        if (r < 0)
                return failure_default(reterr, r, "The partition table cannot be read");
        if (size != sizeof(PartitionTable))
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The partition table's reader said too little.");
        memcpy(ret, result, sizeof(*ret));
        return partitions_check(ret, image_fd, reterr);
}

int partitions_verify(int image_fd, int lifeline_fd, const PartitionTable *table, Failure *reterr) {
        Claim claim = { .image_fd = image_fd, .table = table };
        _cleanup_free_ char *result = NULL;
        Sealed sealed = seal(&image_fd, lifeline_fd);
        size_t size;
        int r = 0;

        sealed.function = judge_claim;
        sealed.userdata = &claim;
        if (table->n_items > 0)
                r = sealed_run(&sealed, &result, &size, reterr);
        return r;
}

const Partition *partitions_find_esp(const PartitionTable *table) {
        static const char *const types[] = { "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "0xef" };

        for (size_t i = 0; i < table->n_items; i++)
                for (size_t k = 0; k < ELEMENTSOF(types); k++)
                        if (str_equal(table->items[i].type, types[k]))
                                return &table->items[i];
        return NULL;
}

static const struct {
        const char *fstype;
        const char *description;
} layers[] = {
        { "crypto_LUKS", "encrypted (LUKS)" },    { "BitLocker", "encrypted (BitLocker)" },
        { "LVM2_member", "a volume of LVM" },     { "linux_raid_member", "a part of a RAID" },
        { "zfs_member", "a part of a ZFS pool" }, { "bcache", "a part of a bcache" },
};

const char *partition_describe_layer(const Partition *partition) {
        for (size_t i = 0; i < ELEMENTSOF(layers); i++)
                if (str_equal(layers[i].fstype, partition->fstype))
                        return layers[i].description;
        return NULL;
}

/* How fstab names a partition, and which member that is. */
static const struct {
        const char *tag;
        const char *link;
        size_t member;
        int (*compare)(const char *a, const char *b);
} specs[] = {
        { "UUID=", "/dev/disk/by-uuid/", offsetof(Partition, fs_uuid), strcasecmp },
        { "LABEL=", "/dev/disk/by-label/", offsetof(Partition, fs_label), strcmp },
        { "PARTUUID=", "/dev/disk/by-partuuid/", offsetof(Partition, uuid), strcasecmp },
        { "PARTLABEL=", "/dev/disk/by-partlabel/", offsetof(Partition, name), strcmp },
};

/* What the first disk of a machine is called, by its driver, up to the partition's number. */
static const char *const first_disks[] = {
        "/dev/sda", "/dev/vda", "/dev/xvda", "/dev/hda", "/dev/nvme0n1p", "/dev/mmcblk0p",
};

static const Partition *find_device(const PartitionTable *table, const char *spec) {
        for (size_t k = 0; k < ELEMENTSOF(first_disks); k++) {
                const char *rest = str_after_prefix(spec, first_disks[k]);
                uint64_t number;

                if (!rest || str_to_u64(rest, UINT32_MAX, &number) < 0)
                        continue;
                for (size_t i = 0; i < table->n_items; i++)
                        if (table->items[i].number == number)
                                return &table->items[i];
        }
        return NULL;
}

const Partition *partitions_find_spec(const PartitionTable *table, const char *spec) {
        for (size_t k = 0; k < ELEMENTSOF(specs); k++) {
                const char *value = str_after_prefix(spec, specs[k].tag);

                if (!value)
                        value = str_after_prefix(spec, specs[k].link);
                if (str_is_empty(value))
                        continue;
                for (size_t i = 0; i < table->n_items; i++)
                        if (specs[k].compare(
                                            (const char *) &table->items[i] + specs[k].member,
                                            value) == 0)
                                return &table->items[i];
        }
        return find_device(table, spec);
}

int partition_is_mountable(const Partition *partition) {
        return filesystem_find(partition->fstype) != NULL;
}
