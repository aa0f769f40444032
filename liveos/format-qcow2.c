/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The header of qcow2 ("qcow2 image file format", docs/interop/qcow2.txt of QEMU): as much of it as says
 * whether the file stands alone, and whether its tables can be as large as it says. Numbers are big-endian.
 *
 * The tables are gone through, too, only to see that what they lead to is there: QEMU reads what lies
 * behind a file's end as zeros, and an image cut short would become an OS with holes.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "liveos/format-reader.h"

#define STAND_ALONE "write one that stands alone (qemu-img convert -O qcow2)"

enum {
        AT_VERSION = 4,
        AT_BACKING_OFFSET = 8,
        AT_BACKING_SIZE = 16,
        AT_CLUSTER_BITS = 20,
        AT_DISK_BYTES = 24,
        AT_ENCRYPTION = 32,
        AT_L1_ENTRIES = 36,
        AT_L1_OFFSET = 40,
        AT_REFCOUNTS_OFFSET = 48,
        AT_REFCOUNTS_CLUSTERS = 56,
        AT_SNAPSHOTS = 60,
        AT_INCOMPATIBLE = 72,
        HEADER_2_BYTES = 72,
        HEADER_3_BYTES = 104,
};

/* What QEMU itself takes at most. */
#define CLUSTER_BITS_MIN   9u
#define CLUSTER_BITS_MAX   21u
#define L1_BYTES_MAX       (UINT64_C(32) * 1024 * 1024)
#define REFCOUNT_BYTES_MAX (UINT64_C(8) * 1024 * 1024)

#define SECTOR_BYTES     UINT64_C(512)
#define ENTRY_OFFSET     UINT64_C(0x00fffffffffffe00)
#define ENTRY_COMPRESSED (UINT64_C(1) << 62)
#define ENTRY_ZERO       UINT64_C(1)

/* Incompatible features: who does not know one must not read the image. */
#define FEATURE_DIRTY \
        (UINT64_C(1) << 0) /* reference counts may be wrong: of no account for reading */
#define FEATURE_CORRUPT     (UINT64_C(1) << 1)
#define FEATURE_DATA_FILE   (UINT64_C(1) << 2)
#define FEATURE_COMPRESSION (UINT64_C(1) << 3)
#define FEATURE_SUBCLUSTERS (UINT64_C(1) << 4)
#define FEATURES_KNOWN      (FEATURE_DIRTY | FEATURE_COMPRESSION | FEATURE_SUBCLUSTERS)

static const struct {
        uint64_t features;
        const char *sentence;
} refused[] = {
        { FEATURE_DATA_FILE,
          "The image is a qcow2 image that keeps its data in another file (data_file), which pxed never "
          "opens; " STAND_ALONE "." },
        { FEATURE_CORRUPT,
          "The image is a qcow2 image that is marked as damaged; repair it (qemu-img check -r all) or "
          "copy it again." },
        { ~FEATURES_KNOWN,
          "The image is a qcow2 image with features that pxed does not know; write one without them "
          "(qemu-img convert -O qcow2)." },
};

static int check_features(uint64_t features, Failure *reterr) {
        for (size_t i = 0; i < ELEMENTSOF(refused); i++)
                if (features & refused[i].features)
                        return failure_set(reterr, -EOPNOTSUPP, "%s", refused[i].sentence);
        return 0;
}

static int check_alone(const unsigned char *header, Failure *reterr) {
        if (format_be64(header + AT_BACKING_OFFSET) != 0 ||
            format_be32(header + AT_BACKING_SIZE) != 0)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The image is a qcow2 image that stands on another file (a backing file), which pxed never opens; " STAND_ALONE
                                ".");
        if (format_be32(header + AT_ENCRYPTION) != 0)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The image is an encrypted qcow2 image, which pxed has no key for; decrypt it first (qemu-img convert).");
        if (format_be32(header + AT_SNAPSHOTS) != 0)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The image is a qcow2 image with %" PRIu32
                                " snapshots in it, and which of them is meant is not said; write the state that is meant into an image of its own (qemu-img convert -O qcow2, with -l for a snapshot).",
                                format_be32(header + AT_SNAPSHOTS));
        return 0;
}

static int check_tables(const FormatFile *file, const unsigned char *header, Failure *reterr) {
        uint32_t cluster_bits = format_be32(header + AT_CLUSTER_BITS);
        uint64_t l1_bytes = (uint64_t) format_be32(header + AT_L1_ENTRIES) * 8;
        uint64_t refcount_bytes;

        if (cluster_bits < CLUSTER_BITS_MIN || cluster_bits > CLUSTER_BITS_MAX)
                return format_damaged("its clusters have an impossible size", reterr);
        refcount_bytes = (uint64_t) format_be32(header + AT_REFCOUNTS_CLUSTERS) << cluster_bits;
        if (l1_bytes > L1_BYTES_MAX || refcount_bytes > REFCOUNT_BYTES_MAX)
                return format_damaged("its tables are larger than any disk needs", reterr);
        if (!format_has(file, format_be64(header + AT_L1_OFFSET), l1_bytes) ||
            !format_has(file, format_be64(header + AT_REFCOUNTS_OFFSET), refcount_bytes))
                return format_damaged("its tables lie outside of it", reterr);
        return 0;
}

typedef struct Map {
        const FormatFile *file;
        uint64_t disk_bytes;
        uint64_t l1_offset;
        uint32_t l1_entries;
        unsigned cluster_bits;
        size_t entry_bytes; /* of a second table's entry */
        unsigned char *table;
} Map;

static void map_done(Map *map) {
        free(map->table);
}

/* Of compressed data the entry says where they begin and in how many sectors of 512 bytes they lie. */
static bool compressed_is_there(const Map *map, uint64_t entry) {
        unsigned bits = 62 - (map->cluster_bits - 8);
        uint64_t offset = entry & ((UINT64_C(1) << bits) - 1);
        uint64_t sectors = (entry & (ENTRY_COMPRESSED - 1)) >> bits;
        uint64_t end = (offset / SECTOR_BYTES + sectors + 1) * SECTOR_BYTES;

        return offset < map->file->size_bytes &&
               end <= (map->file->size_bytes + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
}

/* The last cluster of a file need not be whole. */
static bool cluster_is_there(const Map *map, uint64_t entry) {
        uint64_t offset = entry & ENTRY_OFFSET;

        if (entry & ENTRY_COMPRESSED)
                return compressed_is_there(map, entry);
        return offset == 0 || (entry & ENTRY_ZERO) || offset < map->file->size_bytes;
}

static int check_clusters(const Map *map, uint64_t l2_offset, Failure *reterr) {
        size_t size = (size_t) 1 << map->cluster_bits;

        if (format_read(map->file, l2_offset, map->table, size) < 0)
                return format_damaged("a table of its disk lies outside of it", reterr);
        for (size_t at = 0; at < size; at += map->entry_bytes)
                if (!cluster_is_there(map, format_be64(map->table + at)))
                        return format_damaged("a part of its disk lies outside of it", reterr);
        return 0;
}

static int check_map(const Map *map, Failure *reterr) {
        uint64_t covered = ((UINT64_C(1) << map->cluster_bits) / map->entry_bytes)
                           << map->cluster_bits;
        uint64_t needed = (map->disk_bytes - 1) / covered + 1;
        int r = 0;

        if (needed > map->l1_entries)
                return format_damaged("its table is too short for its disk", reterr);
        for (uint64_t i = 0; r >= 0 && i < needed; i++) {
                unsigned char entry[8];
                uint64_t offset;

                if (format_read(map->file, map->l1_offset + i * 8, entry, sizeof(entry)) < 0)
                        return format_damaged("its table is not whole", reterr);
                offset = format_be64(entry) & ENTRY_OFFSET;
                if (offset > 0)
                        r = check_clusters(map, offset, reterr);
        }
        return r;
}

static int read_map(const FormatFile *file, const unsigned char *header, Failure *reterr) {
        _cleanup_(map_done) Map map = {
                .file = file,
                .disk_bytes = format_be64(header + AT_DISK_BYTES),
                .l1_offset = format_be64(header + AT_L1_OFFSET),
                .l1_entries = format_be32(header + AT_L1_ENTRIES),
                .cluster_bits = format_be32(header + AT_CLUSTER_BITS),
                .entry_bytes = format_be64(header + AT_INCOMPATIBLE) & FEATURE_SUBCLUSTERS ? 16 : 8,
        };

        map.table = malloc((size_t) 1 << map.cluster_bits);
        return map.table ? check_map(&map, reterr) : -ENOMEM;
}

int format_read_qcow2(const FormatFile *file, ImageFormat *ret, Failure *reterr) {
        unsigned char header[HEADER_3_BYTES] = {};
        uint32_t version;
        int r = format_read(file, 0, header, HEADER_2_BYTES);

        if (r < 0)
                return format_damaged("its header is not whole", reterr);
        version = format_be32(header + AT_VERSION);
        if (version != 2 && version != 3)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The image is a qcow image of version %" PRIu32
                                ", and pxed takes 2 and 3; convert it (qemu-img convert -O qcow2).",
                                version);
        if (version == 3 && format_read(file, 0, header, HEADER_3_BYTES) < 0)
                return format_damaged("its header is not whole", reterr);
        r = check_features(format_be64(header + AT_INCOMPATIBLE), reterr);
        if (r >= 0)
                r = check_alone(header, reterr);
        if (r >= 0)
                r = format_check_disk(file, format_be64(header + AT_DISK_BYTES), reterr);
        if (r >= 0)
                r = check_tables(file, header, reterr);
        if (r >= 0)
                r = read_map(file, header, reterr);
        if (r < 0)
                return r;
        ret->disk_bytes = format_be64(header + AT_DISK_BYTES);
        return 0;
}
