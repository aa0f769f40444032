/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Unpacking a whole tree by libarchive, which knows how to do it safely: no entry is absolute, goes up,
 * or passes through a link. It only knows paths below the working folder, so that is changed
 * meanwhile.
 */

#include "common/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"

#define READ_BLOCK_BYTES (256U * 1024U)

#define UNPACK_FLAGS                                                           \
        (ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | \
         ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |   \
         ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS)

/* A part of a file. */
typedef struct Part {
        int fd;
        uint64_t at;
        uint64_t end;
        char block[READ_BLOCK_BYTES];
} Part;

typedef struct Unpacking {
        struct archive *from;
        struct archive *to;
        ArchiveLimits left;
        ArchiveNodeFn on_node;
        void *userdata;
} Unpacking;

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

static int refuse(struct archive *a, const char *name, Failure *reterr) {
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

static int copy_content(Unpacking *u, const char *name, Failure *reterr) {
        const void *block;
        size_t size;
        la_int64_t offset;
        int r;

        while ((r = archive_read_data_block(u->from, &block, &size, &offset)) == ARCHIVE_OK) {
                if (size > u->left.max_bytes)
                        return failure_set(
                                        reterr,
                                        -EFBIG,
                                        "The initramfs holds more bytes than are allowed.");
                u->left.max_bytes -= size;
                if (archive_write_data_block(u->to, block, size, offset) != ARCHIVE_OK)
                        return refuse(u->to, name, reterr);
        }
        return r == ARCHIVE_EOF ? 0 : refuse(u->from, name, reterr);
}

/* What the kernel makes for nobody in a user namespace (mknod(2)), and what nobody listens on. */
static bool is_left_out(const Unpacking *u, struct archive_entry *entry, const char *name) {
        mode_t type = archive_entry_filetype(entry);
        bool is_node = type == AE_IFCHR || type == AE_IFBLK;

        if (is_node && u->on_node)
                u->on_node(u->userdata, name);
        return is_node || type == AE_IFSOCK;
}

static int unpack_entry(Unpacking *u, struct archive_entry *entry, Failure *reterr) {
        const char *name = archive_entry_pathname(entry);
        int r;

        if (!name)
                return failure_set(reterr, -EBADMSG, "The initramfs has a file without a name.");
        if (u->left.max_entries-- == 0)
                return failure_set(
                                reterr,
                                -EFBIG,
                                "The initramfs holds more files than are allowed.");
        if (is_left_out(u, entry, name))
                return 0;
        r = archive_write_header(u->to, entry);
        if (r != ARCHIVE_OK)
                return refuse(u->to, name, reterr);
        r = copy_content(u, name, reterr);
        if (r >= 0 && archive_write_finish_entry(u->to) != ARCHIVE_OK)
                r = refuse(u->to, name, reterr);
        return r;
}

static int unpack_all(Unpacking *u, Failure *reterr) {
        struct archive_entry *entry;
        int r;

        while ((r = archive_read_next_header(u->from, &entry)) == ARCHIVE_OK) {
                r = unpack_entry(u, entry, reterr);
                if (r < 0)
                        return r;
        }
        if (r != ARCHIVE_EOF)
                return refuse(u->from, /* name= */ NULL, reterr);
        /* Times of folders are set last. */
        return archive_write_close(u->to) == ARCHIVE_OK ? 0 : refuse(u->to, NULL, reterr);
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

static int unpack_part(Part *part, Unpacking *u, Failure *reterr) {
        if (support(u->from) < 0 ||
            archive_write_disk_set_options(u->to, UNPACK_FLAGS) != ARCHIVE_OK)
                return -ENOMEM;
        if (archive_read_open(u->from, part, NULL, part_read, NULL) != ARCHIVE_OK)
                return refuse(u->from, /* name= */ NULL, reterr);
        return unpack_all(u, reterr);
}

/* Opens both ends, and frees them in any case. */
static int unpack_here(Part *part, Unpacking *u, Failure *reterr) {
        int r;

        u->from = archive_read_new();
        u->to = archive_write_disk_new();
        r = u->from && u->to ? unpack_part(part, u, reterr) : -ENOMEM;
        (void) archive_read_free(u->from);
        (void) archive_write_free(u->to);
        return r;
}

/* As the kernel does it: plain ones in front, such as that with the processor's microcode, and then what
 * may be compressed. */
static int unpack_row(Part *part, Unpacking *u, Failure *reterr) {
        uint64_t at = part->at, end = part->end;
        int r = 0;

        do {
                part->at = at;
                part->end = find_trailer(part->fd, at, end, u->left.max_entries);
                at = skip_zeros(part->fd, part->end, end);
                r = unpack_here(part, u, reterr);
        } while (r >= 0 && at < end);
        return r;
}

int archive_unpack_initramfs(
                int fd,
                uint64_t offset,
                uint64_t size,
                const ArchiveLimits *limits,
                int folder_fd,
                ArchiveNodeFn on_node,
                void *userdata,
                Failure *reterr) {
        _cleanup_close_ int before_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        Unpacking u = { .left = *limits, .on_node = on_node, .userdata = userdata };
        _cleanup_free_ Part *part = malloc(sizeof(Part));
        int r;

        if (before_fd < 0)
                return -errno;
        if (!part)
                return -ENOMEM;
        part->fd = fd;
        part->at = offset;
        part->end = offset + size;
        if (fchdir(folder_fd) < 0)
                return -errno;
        r = unpack_row(part, &u, reterr);
        if (fchdir(before_fd) < 0 && r >= 0)
                r = -errno;
        return r < 0 ? failure_default(reterr, r, "The initramfs cannot be unpacked") : 0;
}
