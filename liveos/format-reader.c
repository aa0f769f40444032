/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers are put together from bytes: the bytes are a stranger's, and so are their places. */

#include "liveos/format-reader.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

int format_read(const FormatFile *file, uint64_t offset, void *ret, size_t size) {
        unsigned char *to = ret;

        if (!format_has(file, offset, size))
                return -ENODATA;
        while (size > 0) {
                ssize_t n = pread(file->fd, to, size, (off_t) offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -ENODATA;
                to += n;
                offset += (uint64_t) n;
                size -= (size_t) n;
        }
        return 0;
}

bool format_has(const FormatFile *file, uint64_t offset, uint64_t size) {
        return offset <= file->size_bytes && size <= file->size_bytes - offset;
}

uint32_t format_be32(const unsigned char *p) {
        return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

uint64_t format_be64(const unsigned char *p) {
        return (uint64_t) format_be32(p) << 32 | format_be32(p + 4);
}

uint16_t format_le16(const unsigned char *p) {
        return (uint16_t) (p[1] << 8 | p[0]);
}

uint32_t format_le32(const unsigned char *p) {
        return (uint32_t) format_le16(p + 2) << 16 | format_le16(p);
}

uint64_t format_le64(const unsigned char *p) {
        return (uint64_t) format_le32(p + 4) << 32 | format_le32(p);
}

int format_damaged(const char *what, Failure *reterr) {
        return failure_set(
                        reterr,
                        -ENOEXEC,
                        "The image is damaged or cut short: %s; copy it again, whole.",
                        what);
}

int format_check_disk(const FormatFile *file, uint64_t disk_bytes, Failure *reterr) {
        if (disk_bytes == 0)
                return format_damaged("the disk in it is empty", reterr);
        if (disk_bytes > file->max_bytes)
                return failure_set(
                                reterr,
                                -EFBIG,
                                "The image holds a disk of %" PRIu64
                                " bytes, but this service takes %" PRIu64
                                " at most: make the disk smaller or have the limit raised.",
                                disk_bytes,
                                file->max_bytes);
        return 0;
}
