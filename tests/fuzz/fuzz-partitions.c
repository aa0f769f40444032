/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Disk images, as the sealed reader looks at them. By the first byte the rest is the image's
 * beginning, with checksums that are right or as they come; or it is what lies in the one partition
 * of a sound table, in pieces: where (a number), how many bytes, the bytes. What lies where no piece
 * does is zero.
 */

#include "tests/fuzz/fuzz.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/strings.h"
#include "liveos/partitions.h"

#define SECTOR      512U
#define IMAGE_BYTES (4U * 1024U * 1024U)
#define FIRST_BYTES (64U * SECTOR) /* of the image: what the bytes can be */
#define CONTENTS_AT (1024U * 1024U)
#define PIECE_BYTES (255U * 8U)

typedef struct Gpt {
        char magic[8];
        uint32_t revision, size, crc, reserved;
        uint64_t self, other, first, last;
        unsigned char disk[16];
        uint64_t entries_at;
        uint32_t n_entries, entry_size, entries_crc;
} __attribute__((packed)) Gpt;

/* Where file systems have what they are known by. */
static const uint32_t places[] = {
        0,       0x400,    0x438,    0x1000, 0x2000, 0x8000, 0x8001, 0x10000,
        0x10040, 0x100000, 0x2f0000, 3,      36,     54,     82,     510,
};

static unsigned char *image; /* the file that is probed, in memory */

static uint32_t crc32_of(const unsigned char *data, size_t size) {
        static uint32_t table[256];
        uint32_t crc = UINT32_MAX;

        for (uint32_t i = 0; table[255] == 0 && i < 256; i++) {
                table[i] = i;
                for (unsigned bit = 0; bit < 8; bit++)
                        table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320U : 0);
        }
        while (size-- > 0)
                crc = crc >> 8 ^ table[(crc ^ *data++) & 255];
        return ~crc;
}

/* Sums for what the header says, when that lies in the image's first bytes. */
static void mend_sums(Gpt *gpt) {
        uint64_t at = le64toh(gpt->entries_at) * SECTOR;
        uint64_t size = (uint64_t) le32toh(gpt->n_entries) * le32toh(gpt->entry_size);

        if (le64toh(gpt->entries_at) < 64 && size <= FIRST_BYTES && at + size <= FIRST_BYTES)
                gpt->entries_crc = htole32(crc32_of(image + at, size));
        gpt->crc = 0;
        if (le32toh(gpt->size) <= SECTOR)
                gpt->crc = htole32(crc32_of((unsigned char *) gpt, le32toh(gpt->size)));
}

static void put_sound_table(void) {
        Gpt *gpt = (Gpt *) (image + SECTOR);
        uint64_t *extent = (uint64_t *) (image + 2 * SECTOR + 32);

        image[446 + 4] = 0xee;
        image[446 + 8] = 1;
        memset(image + 446 + 12, 0xff, 4);
        memcpy(image + 510, "\x55\xaa", 2);
        *gpt = (Gpt){
                .revision = htole32(0x10000),
                .size = htole32(sizeof(Gpt)),
                .self = htole64(1),
                .other = htole64(IMAGE_BYTES / SECTOR - 1),
                .first = htole64(34),
                .last = htole64(IMAGE_BYTES / SECTOR - 34),
                .disk = { 1, 2, 3 },
                .entries_at = htole64(2),
                .n_entries = htole32(128),
                .entry_size = htole32(128),
        };
        memcpy(gpt->magic, "EFI PART", 8);
        memset(image + 2 * SECTOR, 0x11, 32);
        extent[0] = htole64(CONTENTS_AT / SECTOR);
        extent[1] = htole64(IMAGE_BYTES / SECTOR - 35);
        mend_sums(gpt);
}

static void clear_pieces(void) {
        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                memset(image + CONTENTS_AT + places[i], 0, PIECE_BYTES);
}

static void put_pieces(const uint8_t *data, size_t size) {
        while (size > 0) {
                uint32_t at = CONTENTS_AT +
                              places[fuzz_take_byte(&data, &size) % ELEMENTSOF(places)];
                size_t n = (size_t) fuzz_take_byte(&data, &size) * 8;

                if (n > size)
                        n = size;
                memcpy(image + at, data, n);
                data += n;
                size -= n;
        }
}

static void make_image(const uint8_t *data, size_t size) {
        uint8_t kind = fuzz_take_byte(&data, &size);

        memset(image, 0, FIRST_BYTES);
        clear_pieces();
        if (kind & 1) {
                put_sound_table();
                put_pieces(data, size);
                return;
        }
        memcpy(image, data, size < FIRST_BYTES ? size : FIRST_BYTES);
        if (kind & 2)
                mend_sums((Gpt *) (image + SECTOR));
}

static void check_partition(const PartitionTable *table, const Partition *p) {
        fuzz_check(p->number >= 1 && p->size_bytes > 0);
        fuzz_check(p->offset_bytes <= IMAGE_BYTES);
        fuzz_check(p->size_bytes <= IMAGE_BYTES - p->offset_bytes);
        fuzz_check(!*p->fs_uuid || partitions_find_spec(table, p->fs_uuid) == NULL);
        (void) partition_is_mountable(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static int fd = -EBADF;
        PartitionTable table = {};
        Failure failure = {};
        int r;

        if (fd < 0) {
                fd = memfd_create("image", MFD_CLOEXEC);
                fuzz_check(fd >= 0 && ftruncate(fd, IMAGE_BYTES) == 0);
                image = mmap(NULL, IMAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
                fuzz_check(image != MAP_FAILED);
        }
        make_image(data, size);
        r = partitions_probe(fd, &table);
        fuzz_check(r == 0 || r == -ENOEXEC || r == -EUCLEAN || r == -E2BIG);
        if (r < 0)
                return 0;
        r = partitions_check(&table, fd, &failure);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        for (size_t i = 0; r >= 0 && i < table.n_items; i++)
                check_partition(&table, &table.items[i]);
        (void) partitions_find_esp(&table);
        return 0;
}
