/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tables of an MBR, made byte by byte, and the names that an fstab has for partitions. */

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/strings.h"
#include "liveos/partitions.h"
#include "tests/lib/test.h"

#define SECTOR      512u
#define IMAGE_BYTES (64u * SECTOR * 64u)

typedef struct Entry {
        unsigned char type;
        uint32_t start, size; /* in sectors, as they stand there */
} Entry;

/* A sector with a table, for the disk or for a logical partition. */
static void put_table(int fd, uint32_t sector, const Entry *entries, size_t n) {
        unsigned char bytes[SECTOR] = {};

        memcpy(bytes + 440, "\x78\x56\x34\x12", 4);
        for (size_t i = 0; i < n; i++) {
                unsigned char *p = bytes + 446 + i * 16;

                p[4] = entries[i].type;
                for (unsigned k = 0; k < 4; k++) {
                        p[8 + k] = (unsigned char) (entries[i].start >> (8 * k));
                        p[12 + k] = (unsigned char) (entries[i].size >> (8 * k));
                }
        }
        memcpy(bytes + 510, "\x55\xaa", 2);
        ck_assert_int_eq(pwrite(fd, bytes, SECTOR, (off_t) sector * SECTOR), SECTOR);
}

static int new_disk(void) {
        int fd = test_file("", 0);

        assert_ok(ftruncate(fd, IMAGE_BYTES));
        return fd;
}

TEST(mbr)
{
        static const Entry disk[] = {
                { 0xef, 64, 128 },
                { 0x83, 192, 256 },
                { 0x05, 512, 1024 },
        };
        /* Of the first logical partition the start counts from here, of the next table's place from
         * the extended partition's. */
        static const Entry first[] = { { 0x83, 64, 128 }, { 0x05, 256, 512 } };
        static const Entry second[] = { { 0x8e, 64, 100 } };
        _cleanup_close_ int fd = new_disk();
        PartitionTable table = {};
        Failure failure = {};

        put_table(fd, 0, disk, ELEMENTSOF(disk));
        put_table(fd, 512, first, ELEMENTSOF(first));
        put_table(fd, 512 + 256, second, ELEMENTSOF(second));
        assert_ok(partitions_read(fd, -EBADF, &table, &failure));
        ck_assert_uint_eq(table.n_items, 4);
        ck_assert_ptr_eq(partitions_find_esp(&table), &table.items[0]);
        ck_assert_str_eq(table.items[1].type, "0x83");
        ck_assert_str_eq(table.items[1].uuid, "12345678-02");
        ck_assert_uint_eq(table.items[2].number, 5);
        ck_assert_uint_eq(table.items[2].offset_bytes, (512 + 64) * SECTOR);
        ck_assert_uint_eq(table.items[2].size_bytes, 128 * SECTOR);
        ck_assert_uint_eq(table.items[3].number, 6);
        ck_assert_uint_eq(table.items[3].offset_bytes, (512 + 256 + 64) * SECTOR);
        ck_assert_str_eq(table.items[3].type, "0x8e");
}

TEST(logical_that_turns_in_a_circle)
{
        static const Entry disk[] = { { 0x05, 512, 1024 } };
        static const Entry circle[] = { { 0x83, 64, 128 }, { 0x05, 0, 1024 } };
        _cleanup_close_ int fd = new_disk();
        PartitionTable table = {};
        Failure failure = {};
        int r;

        put_table(fd, 0, disk, ELEMENTSOF(disk));
        put_table(fd, 512, circle, ELEMENTSOF(circle));
        r = partitions_read(fd, -EBADF, &table, &failure);
        ck_assert_msg(r >= 0 || r == -ENOEXEC, "%d: %s", r, failure.message);
}

static const struct {
        const char *what;
        Entry entry;
        const char *words;
} bad[] = {
        { "outside", { 0x83, 64, 1 << 20 }, "copy it again, whole" },
        { "only extended", { 0x05, 64, 64 }, "not a disk with a partition table (GPT or MBR)" },
        { "protective alone", { 0xee, 1, 4095 }, "no whole GUID partition table" },
};

TEST_ROWS(bad_mbr, ELEMENTSOF(bad)) {
        _cleanup_close_ int fd = new_disk();
        PartitionTable table = {};
        Failure failure = {};

        put_table(fd, 0, &bad[_i].entry, 1);
        assert_errno(partitions_read(fd, -EBADF, &table, &failure), -ENOEXEC);
        assert_failure(&failure, bad[_i].words);
}

static const PartitionTable named = {
        .n_items = 3,
        .items = { { .number = 1,
                     .uuid = "aa-01",
                     .name = "one",
                     .fs_uuid = "AB-CD",
                     .fs_label = "Root" },
                   { .number = 2,
                     .uuid = "aa-02",
                     .name = "two",
                     .fs_uuid = "ef",
                     .fs_label = "root" },
                   { .number = 15,
                     .uuid = "aa-0f",
                     .name = "Two",
                     .fs_uuid = "x",
                     .fs_label = "" } },
};

static const struct {
        const char *spec;
        uint32_t number; /* 0: none */
} specs[] = {
        { "UUID=ab-cd", 1 },
        { "LABEL=Root", 1 },
        { "LABEL=root", 2 },
        { "LABEL=ROOT", 0 },
        { "LABEL=", 0 },
        { "PARTUUID=AA-02", 2 },
        { "PARTLABEL=two", 2 },
        { "PARTLABEL=Two", 15 },
        { "/dev/disk/by-uuid/EF", 2 },
        { "/dev/disk/by-partlabel/one", 1 },
        { "/dev/sda2", 2 },
        { "/dev/vda15", 15 },
        { "/dev/nvme0n1p1", 1 },
        { "/dev/mmcblk0p2", 2 },
        { "/dev/xvda1", 1 },
        { "/dev/sdb2", 0 }, /* another disk */
        { "/dev/sda", 0 },
        { "/dev/sda3", 0 },
        { "/dev/sda2x", 0 },
        { "/dev/mapper/vg-root", 0 },
        { "two", 0 },
};

TEST_ROWS(spec, ELEMENTSOF(specs)) {
        const Partition *found = partitions_find_spec(&named, specs[_i].spec);

        ck_assert_msg((found ? found->number : 0) == specs[_i].number,
                      "%s: %u",
                      specs[_i].spec,
                      found ? found->number : 0);
}

TEST(layers)
{
        ck_assert_str_eq(
                        partition_describe_layer(&(Partition){ .fstype = "crypto_LUKS" }),
                        "encrypted (LUKS)");
        ck_assert_str_eq(
                        partition_describe_layer(&(Partition){ .fstype = "LVM2_member" }),
                        "a volume of LVM");
        ck_assert_ptr_null(partition_describe_layer(&(Partition){ .fstype = "ext4" }));
}
