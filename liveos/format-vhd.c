/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The footer of VHD ("Virtual Hard Disk Image Format Specification", Microsoft, 2006). A fixed VHD has it
 * at its end alone, a dynamic one has a copy at its beginning. Numbers are big-endian. The disk's size is
 * the "current size", not what the geometry of cylinders, heads and sectors rounds it to.
 */

#include <errno.h>
#include <string.h>

#include "liveos/format-reader.h"

#define FOOTER_BYTES    512u
#define SECTOR_BYTES    512u
#define BLOCK_BYTES_MIN 512u
#define BLOCK_BYTES_MAX (256u * 1024u * 1024u)

enum {
        AT_HEADER_OFFSET = 16,
        AT_DISK_BYTES = 48,
        AT_TYPE = 60,
        AT_TABLE_OFFSET = 16, /* of the header */
        AT_TABLE_ENTRIES = 28,
        AT_BLOCK_BYTES = 32,
        HEADER_BYTES = 36,
        TYPE_FIXED = 2,
        TYPE_DYNAMIC = 3,
        TYPE_DIFFERENCING = 4,
};

static int read_disk(
                const FormatFile *file,
                const unsigned char *footer,
                ImageFormat *ret,
                Failure *reterr) {
        ret->disk_bytes = format_be64(footer + AT_DISK_BYTES);
        if (ret->disk_bytes % SECTOR_BYTES != 0)
                return format_damaged("its disk does not end with a sector", reterr);
        return format_check_disk(file, ret->disk_bytes, reterr);
}

/* Behind the last block the footer stands once more; what is cut short has no end. */
static int check_end(const FormatFile *file, Failure *reterr) {
        char cookie[8];

        if (file->size_bytes < 2 * FOOTER_BYTES ||
            format_read(file, file->size_bytes - FOOTER_BYTES, cookie, sizeof(cookie)) < 0 ||
            memcmp(cookie, "conectix", sizeof(cookie)) != 0)
                return format_damaged("its end is missing", reterr);
        return 0;
}

static int check_header(
                const FormatFile *file,
                const unsigned char *header,
                uint64_t disk_bytes,
                Failure *reterr) {
        uint64_t entries = format_be32(header + AT_TABLE_ENTRIES);
        uint64_t block_bytes = format_be32(header + AT_BLOCK_BYTES);

        if (memcmp(header, "cxsparse", 8) != 0)
                return format_damaged("its second header is missing", reterr);
        if (block_bytes < BLOCK_BYTES_MIN || block_bytes > BLOCK_BYTES_MAX ||
            (block_bytes & (block_bytes - 1)) != 0)
                return format_damaged("its blocks have an impossible size", reterr);
        if (entries < (disk_bytes - 1) / block_bytes + 1)
                return format_damaged("its table is too short for its disk", reterr);
        if (!format_has(file, format_be64(header + AT_TABLE_OFFSET), entries * 4))
                return format_damaged("its table lies outside of it", reterr);
        return check_end(file, reterr);
}

int format_read_vhd(const FormatFile *file, ImageFormat *ret, Failure *reterr) {
        unsigned char footer[FOOTER_BYTES], header[HEADER_BYTES];
        int r = format_read(file, 0, footer, sizeof(footer));

        if (r < 0)
                return format_damaged("its header is not whole", reterr);
        if (format_be32(footer + AT_TYPE) == TYPE_DIFFERENCING)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The image is a differencing VHD, which stands on another file that pxed never opens; write one that stands alone (qemu-img convert -O vpc).");
        if (format_be32(footer + AT_TYPE) != TYPE_DYNAMIC)
                return format_damaged("it is neither a fixed nor a dynamic VHD", reterr);
        r = read_disk(file, footer, ret, reterr);
        if (r < 0)
                return r;
        if (format_read(file, format_be64(footer + AT_HEADER_OFFSET), header, sizeof(header)) < 0)
                return format_damaged("its second header is missing", reterr);
        return check_header(file, header, ret->disk_bytes, reterr);
}

int format_read_vhd_fixed(const FormatFile *file, ImageFormat *ret, Failure *reterr) {
        unsigned char footer[FOOTER_BYTES];
        int r = format_read(file, file->size_bytes - FOOTER_BYTES, footer, sizeof(footer));

        if (r < 0)
                return format_damaged("its footer is not whole", reterr);
        if (format_be32(footer + AT_TYPE) != TYPE_FIXED)
                return format_damaged("its beginning is missing", reterr);
        r = read_disk(file, footer, ret, reterr);
        if (r >= 0 && ret->disk_bytes > file->size_bytes - FOOTER_BYTES)
                return format_damaged("it is shorter than its disk", reterr);
        return r;
}
