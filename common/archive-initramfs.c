/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The archives of an initramfs, one behind the other, and one file out of them. libarchive ends at the first
 * one's end, so where that is is found out here.
 */

#include "common/archive-initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/strings.h"

#define READ_BLOCK_BYTES (64U * 1024U)

/* A part of a file. */
typedef struct Part {
        int fd;
        uint64_t at;
        uint64_t end;
        char block[READ_BLOCK_BYTES];
} Part;

static la_ssize_t part_read(struct archive *a, void *userdata, const void **ret_block) {
        Part *part = userdata;
        uint64_t left = part->end - part->at;
        ssize_t n;

        do
                n = pread(part->fd,
                          part->block,
                          left < sizeof(part->block) ? (size_t) left : sizeof(part->block),
                          (off_t) part->at);
        while (n < 0 && errno == EINTR);
        if (n < 0) {
                archive_set_error(a, errno, "%s", strerror(errno));
                return ARCHIVE_FATAL;
        }
        part->at += (uint64_t) n;
        *ret_block = part->block;
        return n;
}

int archive_refuse_initramfs(struct archive *a, const char *name, Failure *reterr) {
        int error = archive_errno(a);
        const char *text = archive_error_string(a);

        return failure_set(
                        reterr,
                        error == ENOSPC ? -ENOSPC : -EBADMSG,
                        "The initramfs cannot be unpacked%s%.255s: %s.",
                        name ? " at " : "",
                        name ? name : "",
                        text ? text : "it is no cpio archive");
}

static int support(struct archive *a) {
        int (*const supports[])(struct archive *) = {
                archive_read_support_filter_gzip, archive_read_support_filter_zstd,
                archive_read_support_filter_xz,   archive_read_support_filter_lz4,
                archive_read_support_filter_none, archive_read_support_format_cpio,
        };

        for (size_t i = 0; i < ELEMENTSOF(supports); i++)
                if (supports[i](a) != ARCHIVE_OK)
                        return -ENOMEM;
        return 0;
}

/* ---- several in a row ---- */

#define HEADER_BYTES 110U
#define TRAILER      "TRAILER!!!"

/* The eight hexadecimal digits there; UINT64_MAX when they are none. */
static uint64_t read_field(const char *header, size_t at) {
        char digits[9];
        char *end;
        uint64_t value;

        memcpy(digits, header + at, 8);
        digits[8] = '\0';
        value = strtoull(digits, &end, 16);
        return end == digits + 8 && isxdigit((unsigned char) digits[0]) ? value : UINT64_MAX;
}

static uint64_t round_up(uint64_t n) {
        return (n + 3) & ~UINT64_C(3);
}

/* Behind the plain cpio that begins there; `end` where none does, or where it does not end. */
static uint64_t find_trailer(int fd, uint64_t at, uint64_t end, uint64_t max_entries) {
        uint64_t from = at;

        for (uint64_t i = 0; i <= max_entries; i++) {
                char header[HEADER_BYTES + sizeof(TRAILER)];
                ssize_t n = pread(fd, header, sizeof(header), (off_t) from);
                uint64_t size, name_size;

                if (n < (ssize_t) sizeof(header) ||
                    (memcmp(header, "070701", 6) != 0 && memcmp(header, "070702", 6) != 0))
                        return end;
                size = read_field(header, 54);
                name_size = read_field(header, 94);
                if (size > UINT32_MAX || name_size > UINT32_MAX)
                        return end;
                from += round_up(HEADER_BYTES + name_size) + round_up(size);
                if (from >= end)
                        return end;
                if (name_size == sizeof(TRAILER) &&
                    memcmp(header + HEADER_BYTES, TRAILER, sizeof(TRAILER)) == 0)
                        return from;
        }
        return end;
}

/* Behind the zeros that begin there. */
static uint64_t skip_zeros(int fd, uint64_t at, uint64_t end) {
        char block[4096];

        while (at < end) {
                ssize_t n = pread(fd, block, sizeof(block), (off_t) at);

                for (ssize_t i = 0; i < n; i++)
                        if (block[i] != '\0')
                                return at + (uint64_t) i < end ? at + (uint64_t) i : end;
                if (n <= 0)
                        return end;
                at += (uint64_t) n;
        }
        return end;
}

static int open_part(struct archive *from, Part *part, Failure *reterr) {
        if (support(from) < 0)
                return -ENOMEM;
        return archive_read_open(from, part, NULL, part_read, NULL) == ARCHIVE_OK
                               ? 0
                               : archive_refuse_initramfs(from, /* name= */ NULL, reterr);
}

static int visit_part(Part *part, ArchiveInitramfsFn visit, void *userdata, Failure *reterr) {
        struct archive *from = archive_read_new();
        int r = from ? open_part(from, part, reterr) : -ENOMEM;

        if (r >= 0)
                r = visit(userdata, from, reterr);
        (void) archive_read_free(from);
        return r;
}

/* As the kernel does it: plain ones in front, such as that with the processor's microcode, and then what
 * may be compressed. */
int archive_visit_initramfs(
                const ArchivePlace *place,
                uint64_t max_entries,
                ArchiveInitramfsFn visit,
                void *userdata,
                Failure *reterr) {
        uint64_t at = place->offset_bytes, end = at + place->size_bytes;
        _cleanup_free_ Part *part = malloc(sizeof(Part));
        int r = 0;

        if (!part)
                return -ENOMEM;
        part->fd = place->fd;
        do {
                part->at = at;
                part->end = find_trailer(part->fd, at, end, max_entries);
                at = skip_zeros(part->fd, part->end, end);
                r = visit_part(part, visit, userdata, reterr);
        } while (r == 0 && at < end);
        return r;
}

/* ---- one file ---- */

typedef struct Search {
        const char *path;
        ArchiveLimits left;
        char *data; /* once it is found */
} Search;

static bool is_path(const char *name, const char *path) {
        const char *below = str_after_prefix(name, "./");

        if (below)
                name = below;
        below = str_after_prefix(name, "usr/");
        return str_equal(below ? below : name, path);
}

static int read_content(Search *search, struct archive *from, struct archive_entry *entry) {
        la_int64_t size = archive_entry_size(entry);

        if (size < 0 || (uint64_t) size > ARCHIVE_FOUND_MAX_BYTES)
                return -EFBIG;
        search->data = malloc((size_t) size + 1);
        if (!search->data)
                return -ENOMEM;
        if (archive_read_data(from, search->data, (size_t) size) != size)
                return -EBADMSG;
        search->data[size] = '\0';
        return 1;
}

/* An ArchiveInitramfsFn; 1 when the file was there. */
static int search_archive(void *userdata, struct archive *from, Failure *reterr) {
        Search *search = userdata;
        struct archive_entry *entry;
        int r;

        while ((r = archive_read_next_header(from, &entry)) == ARCHIVE_OK) {
                const char *name = archive_entry_pathname(entry);

                if (search->left.max_entries-- == 0 ||
                    (uint64_t) archive_filter_bytes(from, 0) > search->left.max_bytes)
                        return -EFBIG;
                if (name && archive_entry_filetype(entry) == AE_IFREG &&
                    is_path(name, search->path))
                        return read_content(search, from, entry);
        }
        return r == ARCHIVE_EOF ? 0 : archive_refuse_initramfs(from, /* name= */ NULL, reterr);
}

int archive_find_in_initramfs(
                const ArchivePlace *place,
                const ArchiveLimits *limits,
                const char *path,
                char **ret_data,
                Failure *reterr) {
        Search search = { .path = path, .left = *limits };
        int r = archive_visit_initramfs(
                        place,
                        limits->max_entries,
                        search_archive,
                        &search,
                        reterr);

        if (r <= 0) {
                free(search.data);
                return r < 0 ? failure_default(reterr, r, "The initramfs cannot be read") : -ENOENT;
        }
        *ret_data = search.data;
        return 0;
}
