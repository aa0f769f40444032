/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Writing archives by libarchive. Its verdicts are taken strictly: whatever is not ARCHIVE_OK is an
 * error, but for names beyond ASCII, of which it merely tells that they are written as bytes. Inode
 * numbers in what is written are counted from 1, so that the same tree gives the same bytes wherever it
 * lies. What a tree is made of, archive-tree.c knows.
 */

#include "common/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/archive-node.h"
#include "common/fd.h"

#define WRITE_BLOCK_BYTES (128U * 1024U)
#define COPY_CHUNK_BYTES  (1024U * 1024U)

struct ArchiveWriter {
        ArchiveFormat format;
        int fd;
        struct archive *archive;
        struct archive_entry *header; /* used anew for each entry */
        char *chunk;
        int64_t newest;  /* time; 0: any */
        uint32_t inodes; /* given out so far */
        int error;       /* the first one; nothing is whole after it */
        char reason[256];
};

static int writer_fail(ArchiveWriter *w, int error, const char *reason) {
        if (w->error >= 0) {
                w->error = error;
                (void) snprintf(w->reason, sizeof(w->reason), "%s", reason);
        }
        return w->error;
}

/* For what libarchive returned. Names that are not ASCII are a warning in tar: they are written as
 * they are, and marked so. */
static int writer_result(ArchiveWriter *w, int result) {
        int error = archive_errno(w->archive);
        const char *text = archive_error_string(w->archive);

        if (w->error < 0)
                return w->error;
        if (result == ARCHIVE_OK)
                return 0;
        if (result == ARCHIVE_WARN && w->format != ARCHIVE_CPIO && error == EILSEQ)
                return 0;
        return writer_fail(w, error > 0 ? -error : -EIO, text ?: "the library gave up");
}

/* libarchive is never told that writing failed: it would not release its buffers then. From the
 * failure on, whatever it has goes nowhere. */
static la_ssize_t writer_write(
                struct archive *a _unused_,
                void *userdata,
                const void *data,
                size_t size) {
        ArchiveWriter *w = userdata;
        int r = w->error < 0 ? 0 : fd_write_all(w->fd, data, size);

        if (r < 0)
                (void) writer_fail(w, r, strerror(-r));
        return (la_ssize_t) size;
}

static int writer_choose_format(ArchiveWriter *w) {
        struct archive *a = w->archive;
        int r;

        if (w->format == ARCHIVE_CPIO)
                return archive_write_set_format_cpio_newc(a);
        if (w->format == ARCHIVE_TAR_GZIP) {
                /* The fastest level: what is packed by it here is mostly compressed already. */
                r = archive_write_add_filter_gzip(a);
                if (r == ARCHIVE_OK)
                        r = archive_write_set_filter_option(a, "gzip", "compression-level", "1");
                if (r == ARCHIVE_OK)
                        r = archive_write_set_filter_option(a, "gzip", "timestamp", NULL);
                if (r != ARCHIVE_OK)
                        return r;
        }
        r = archive_write_set_format_pax_restricted(a);
        /* Attributes as star and GNU tar have them, and not a second time as libarchive does. */
        return r == ARCHIVE_OK ? archive_write_set_format_option(a, NULL, "xattrheader", "SCHILY")
                               : r;
}

static int writer_open(ArchiveWriter *w) {
        int r = writer_choose_format(w);

        if (r == ARCHIVE_OK)
                r = archive_write_set_bytes_per_block(w->archive, WRITE_BLOCK_BYTES);
        if (r == ARCHIVE_OK)
                r = archive_write_set_bytes_in_last_block(w->archive, 1);
        if (r == ARCHIVE_OK)
                r = archive_write_open(w->archive, w, NULL, writer_write, NULL);
        return writer_result(w, r);
}

int archive_writer_new(ArchiveFormat format, int fd, ArchiveWriter **ret) {
        _cleanup_(archive_writer_freep) ArchiveWriter *w = malloc(sizeof(ArchiveWriter));
        int r;

        assert(fd >= 0);
        if (!w)
                return -ENOMEM;
        *w = (ArchiveWriter){
                .format = format,
                .fd = fd,
                .archive = archive_write_new(),
                .header = archive_entry_new(),
                .chunk = malloc(COPY_CHUNK_BYTES),
        };
        if (!w->archive || !w->header || !w->chunk)
                return -ENOMEM;
        r = writer_open(w);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(w);
        return 0;
}

void archive_writer_set_newest(ArchiveWriter *w, int64_t mtime) {
        w->newest = mtime;
}

/* newc has 32 bits without a sign. */
static int64_t fitting_time(const ArchiveWriter *w, int64_t mtime) {
        if (w->newest > 0 && mtime > w->newest)
                mtime = w->newest;
        if (w->format != ARCHIVE_CPIO)
                return mtime;
        return mtime < 0 ? 0 : mtime > UINT32_MAX ? UINT32_MAX : mtime;
}

static void fill_header(ArchiveWriter *w, const ArchiveNode *node) {
        struct archive_entry *header = archive_entry_clear(w->header);
        bool is_link = node->link_number != 0;

        archive_entry_set_pathname(header, node->name);
        archive_entry_set_mode(header, node->mode);
        archive_entry_set_uid(header, (la_int64_t) node->uid);
        archive_entry_set_gid(header, (la_int64_t) node->gid);
        archive_entry_set_mtime(header, fitting_time(w, node->mtime), 0);
        archive_entry_set_nlink(header, node->names);
        archive_entry_set_ino64(header, is_link ? node->link_number : ++w->inodes);
        archive_entry_set_devmajor(header, 0);
        archive_entry_set_devminor(header, 0);
        archive_entry_set_rdevmajor(header, node->device_major);
        archive_entry_set_rdevminor(header, node->device_minor);
        archive_entry_set_size(header, is_link ? 0 : (la_int64_t) node->size);
        if (node->symlink_target)
                archive_entry_set_symlink(header, node->symlink_target);
        /* cpio has no such word: equal inode numbers say it. */
        if (is_link && w->format != ARCHIVE_CPIO)
                archive_entry_set_hardlink(header, node->link_name);
        for (size_t i = 0; node->attributes && i < node->attributes->n_items; i++) {
                const ArchiveAttribute *item = &node->attributes->items[i];

                archive_entry_xattr_add_entry(header, item->name, item->value, item->size);
        }
}

static int write_chunk(ArchiveWriter *w, const void *data, size_t size) {
        la_ssize_t n = archive_write_data(w->archive, data, size);

        if (n < 0)
                return writer_result(w, (int) n);
        return (size_t) n == size ? 0
                                  : writer_fail(w, -EIO, "a file's content did not fit its entry");
}

static int write_from_fd(ArchiveWriter *w, int fd, uint64_t size) {
        uint64_t at = 0;

        while (at < size) {
                size_t want = size - at < COPY_CHUNK_BYTES ? (size_t) (size - at)
                                                           : COPY_CHUNK_BYTES;
                ssize_t n = pread(fd, w->chunk, want, (off_t) at);
                int r;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return writer_fail(w, -errno, strerror(errno));
                if (n == 0)
                        return writer_fail(w, -EBUSY, "a file became shorter while it was read");
                r = write_chunk(w, w->chunk, (size_t) n);
                if (r < 0)
                        return r;
                at += (uint64_t) n;
        }
        return 0;
}

int archive_add_node(ArchiveWriter *w, const ArchiveNode *node, uint32_t *ret_number) {
        int r;

        if (w->error < 0)
                return w->error;
        if (w->format == ARCHIVE_CPIO && node->size > UINT32_MAX)
                return writer_fail(w, -EFBIG, "a file has 4 GiB or more");
        fill_header(w, node);
        r = writer_result(w, archive_write_header(w->archive, w->header));
        if (r >= 0 && node->link_number == 0 && node->size > 0)
                r = node->data ? write_chunk(w, node->data, (size_t) node->size)
                               : write_from_fd(w, node->fd, node->size);
        if (r >= 0)
                r = writer_result(w, archive_write_finish_entry(w->archive));
        if (r >= 0 && ret_number)
                *ret_number = w->inodes;
        return r;
}

int archive_writer_finish(ArchiveWriter *w, Failure *reterr) {
        if (w->error >= 0)
                (void) writer_result(w, archive_write_close(w->archive));
        if (w->error < 0)
                return failure_set(
                                reterr,
                                w->error,
                                "The archive could not be written: %s.",
                                w->reason);
        return 0;
}

ArchiveWriter *archive_writer_free(ArchiveWriter *w) {
        if (!w)
                return NULL;
        if (w->archive) {
                /* Freeing writes what is held back; what was not finished is not to look whole. */
                (void) writer_fail(w, -ECANCELED, "it was given up");
                (void) archive_write_free(w->archive);
        }
        archive_entry_free(w->header);
        free(w->chunk);
        free(w);
        return NULL;
}
