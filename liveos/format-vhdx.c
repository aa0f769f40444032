/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The headers and the metadata of VHDX ([MS-VHDX]: Virtual Hard Disk v2 File Format). Of two headers the
 * one with the higher sequence number counts; sums are not looked at, as a wrong one is found by who
 * reads the rest. Numbers are little-endian.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "liveos/format-reader.h"

#define KIB UINT64_C(1024)

enum {
        AT_SEQUENCE = 8, /* of a header */
        AT_LOG_GUID = 48,
        GUID_BYTES = 16,
        HEADER_BYTES = 80,
        TABLE_HEAD_BYTES = 32, /* of the region table 16, of the metadata 32 */
        ENTRY_BYTES = 32,      /* in both */
        ENTRIES_MAX = 2047,    /* in both, by the specification */
        SECTOR_BYTES = 512,
        FILE_HAS_PARENT = 1 << 1,
};

static const uint64_t header_offsets[] = { 64 * KIB, 128 * KIB };
#define REGIONS_OFFSET (192 * KIB)

/* As they lie in the file. */
static const unsigned char guid_metadata[GUID_BYTES] = {
        0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
        0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e,
};
static const unsigned char guid_file_parameters[GUID_BYTES] = {
        0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d,
        0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b,
};
static const unsigned char guid_disk_size[GUID_BYTES] = {
        0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48,
        0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8,
};
static const unsigned char guid_sector_size[GUID_BYTES] = {
        0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47,
        0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f,
};

typedef struct Table {
        uint64_t offset;
        size_t head_bytes; /* before the first entry */
        uint32_t n_entries;
} Table;

/* The entry with the GUID. Errors: -ENOEXEC. */
static int find_entry(
                const FormatFile *file,
                const Table *table,
                const unsigned char *guid,
                unsigned char ret[static ENTRY_BYTES],
                Failure *reterr) {
        if (table->n_entries > ENTRIES_MAX)
                return format_damaged("its tables have too many entries", reterr);
        for (uint32_t i = 0; i < table->n_entries; i++) {
                uint64_t at = table->offset + table->head_bytes + (uint64_t) i * ENTRY_BYTES;

                if (format_read(file, at, ret, ENTRY_BYTES) < 0)
                        return format_damaged("its tables are not whole", reterr);
                if (memcmp(ret, guid, GUID_BYTES) == 0)
                        return 0;
        }
        return format_damaged("its tables lack an entry", reterr);
}

/* The log holds what the disk does not have yet. */
static int check_log(const FormatFile *file, Failure *reterr) {
        static const unsigned char no_guid[GUID_BYTES];
        unsigned char current[HEADER_BYTES] = {}, header[HEADER_BYTES];
        bool found = false;

        for (size_t i = 0; i < ELEMENTSOF(header_offsets); i++) {
                if (format_read(file, header_offsets[i], header, sizeof(header)) < 0 ||
                    memcmp(header, "head", 4) != 0)
                        continue;
                if (!found ||
                    format_le64(header + AT_SEQUENCE) > format_le64(current + AT_SEQUENCE))
                        memcpy(current, header, sizeof(current));
                found = true;
        }
        if (!found)
                return format_damaged("it has no header", reterr);
        if (memcmp(current + AT_LOG_GUID, no_guid, GUID_BYTES) != 0)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The image is a VHDX that was not closed: a part of its disk is only in its log; close the machine that uses it, or repair it (qemu-img check -r all).");
        return 0;
}

static int find_metadata(const FormatFile *file, Table *ret, Failure *reterr) {
        unsigned char head[TABLE_HEAD_BYTES], entry[ENTRY_BYTES];
        Table regions = { .offset = REGIONS_OFFSET, .head_bytes = 16 };
        int r;

        if (format_read(file, regions.offset, head, sizeof(head)) < 0 ||
            memcmp(head, "regi", 4) != 0)
                return format_damaged("it has no table of regions", reterr);
        regions.n_entries = format_le32(head + 8);
        r = find_entry(file, &regions, guid_metadata, entry, reterr);
        if (r < 0)
                return r;
        *ret = (Table){ .offset = format_le64(entry + 16), .head_bytes = TABLE_HEAD_BYTES };
        if (format_read(file, ret->offset, head, sizeof(head)) < 0 ||
            memcmp(head, "metadata", 8) != 0)
                return format_damaged("it has no metadata", reterr);
        ret->n_entries = format_le16(head + 10);
        return 0;
}

/* A number of `size` bytes, 4 or 8. */
static int read_item(
                const FormatFile *file,
                const Table *metadata,
                const unsigned char *guid,
                unsigned char ret[static 8],
                size_t size,
                Failure *reterr) {
        unsigned char entry[ENTRY_BYTES];
        int r = find_entry(file, metadata, guid, entry, reterr);

        if (r < 0)
                return r;
        if (format_read(file, metadata->offset + format_le32(entry + 16), ret, size) < 0)
                return format_damaged("its metadata are not whole", reterr);
        return 0;
}

static int check_items(
                const FormatFile *file,
                const Table *metadata,
                ImageFormat *ret,
                Failure *reterr) {
        unsigned char parameters[8], size[8], sector[8];
        int r = read_item(file, metadata, guid_file_parameters, parameters, 8, reterr);

        if (r >= 0)
                r = read_item(file, metadata, guid_disk_size, size, 8, reterr);
        if (r >= 0)
                r = read_item(file, metadata, guid_sector_size, sector, 4, reterr);
        if (r < 0)
                return r;
        if (format_le32(parameters + 4) & FILE_HAS_PARENT)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The image is a differencing VHDX, which stands on another file that pxed never opens; merge it into one that stands alone.");
        if (format_le32(sector) != SECTOR_BYTES)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The image is a VHDX of a disk with sectors of %" PRIu32
                                " bytes, and pxed takes those with 512.",
                                format_le32(sector));
        ret->disk_bytes = format_le64(size);
        return format_check_disk(file, ret->disk_bytes, reterr);
}

int format_read_vhdx(const FormatFile *file, ImageFormat *ret, Failure *reterr) {
        Table metadata = {};
        int r = check_log(file, reterr);

        if (r >= 0)
                r = find_metadata(file, &metadata, reterr);
        return r < 0 ? r : check_items(file, &metadata, ret, reterr);
}
