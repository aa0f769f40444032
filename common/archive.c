/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Archives. All of libarchive that the project uses is in here. Its verdicts are taken strictly:
 * whatever is not ARCHIVE_OK is an error, but for names beyond ASCII, of which it merely tells that
 * they are written as bytes. Inode numbers in what is written are counted from 1, so that the same
 * tree gives the same bytes wherever it lies. What a tree is made of, archive-tree.c knows.
 */

#include "common/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <search.h>
#include <string.h>

#include "common/archive-node.h"
#include "common/fd.h"
#include "common/strings.h"

#define READ_BLOCK_BYTES  (64U * 1024U)
#define WRITE_BLOCK_BYTES (128U * 1024U)
#define COPY_CHUNK_BYTES  (1024U * 1024U)

/* ---- reading ---- */

/* Headers are not content, but a stream of nothing else must end, too. */
#define HEADER_MAX_BYTES 8192U

typedef struct Stream {
        int fd;
        uint64_t bytes_left;
        bool at_end; /* the descriptor has no more */
        char block[READ_BLOCK_BYTES];
} Stream;

struct ArchiveEntry {
        struct archive *archive;
        struct archive_entry *header;
        char *name;
        uint64_t bytes;
};

const char *archive_entry_name(const ArchiveEntry *entry) {
        return entry->name;
}

uint64_t archive_entry_bytes(const ArchiveEntry *entry) {
        return entry->bytes;
}

mode_t archive_entry_permissions(const ArchiveEntry *entry) {
        return archive_entry_perm(entry->header) & 0777;
}

/* Exactly `size` bytes more of the content. */
static int read_content(ArchiveEntry *entry, char *data, size_t size) {
        while (size > 0) {
                la_ssize_t n = archive_read_data(entry->archive, data, size);

                if (n <= 0)
                        return -EBADMSG;
                data += n;
                size -= (size_t) n;
        }
        return 0;
}

int archive_entry_read(ArchiveEntry *entry, uint64_t max, char **ret_data, size_t *ret_size) {
        _cleanup_free_ char *data = NULL;
        int r;

        if (entry->bytes > max || entry->bytes >= SIZE_MAX)
                return -EFBIG;
        data = malloc((size_t) entry->bytes + 1);
        if (!data)
                return -ENOMEM;
        r = read_content(entry, data, (size_t) entry->bytes);
        if (r < 0)
                return r;
        data[entry->bytes] = '\0';
        *ret_size = (size_t) entry->bytes;
        *ret_data = TAKE_PTR(data);
        return 0;
}

int archive_entry_copy(ArchiveEntry *entry, int to_fd) {
        uint64_t left = entry->bytes;
        size_t chunk_bytes = left < COPY_CHUNK_BYTES ? (size_t) left : COPY_CHUNK_BYTES;
        _cleanup_free_ char *chunk = malloc(chunk_bytes + 1); /* one more: nothing is no size */

        if (!chunk)
                return -ENOMEM;
        while (left > 0) {
                size_t n = left < chunk_bytes ? (size_t) left : chunk_bytes;
                int r = read_content(entry, chunk, n);

                if (r >= 0)
                        r = fd_write_all(to_fd, chunk, n);
                if (r < 0)
                        return r;
                left -= n;
        }
        return 0;
}

static la_ssize_t stream_read(struct archive *a, void *userdata, const void **ret_block) {
        Stream *stream = userdata;
        ssize_t n;

        do
                n = read(stream->fd, stream->block, sizeof(stream->block));
        while (n < 0 && errno == EINTR);
        if (n < 0) {
                archive_set_error(a, errno, "%s", strerror(errno));
                return ARCHIVE_FATAL;
        }
        if ((uint64_t) n > stream->bytes_left) {
                archive_set_error(a, EFBIG, "it is larger than its limit");
                return ARCHIVE_FATAL;
        }
        stream->bytes_left -= (uint64_t) n;
        stream->at_end = n == 0;
        *ret_block = stream->block;
        return n;
}

/* Copies `path` without empty and "." parts. NULL in `*ret_name` for what may not be named. */
static int clean_name(const char *path, char **ret_name) {
        _cleanup_strv_ char **parts = NULL;
        char *name = NULL;

        if (path && path[0] != '/' && strlen(path) < PATH_MAX) {
                _cleanup_strv_ char **all = strv_split(path, "/");

                if (!all)
                        return -ENOMEM;
                STRV_FOREACH(part, all)
                        if (!str_equal(*part, ".") && strv_append(&parts, *part) < 0)
                                return -ENOMEM;
                if (!strv_contains(parts, "..")) {
                        name = strv_join(parts, "/");
                        if (!name)
                                return -ENOMEM;
                }
        }
        *ret_name = name;
        return 0;
}

static int compare_strings(const void *a, const void *b) {
        return strcmp(a, b);
}

static int check_file(const ArchiveEntry *entry, const void *names, Failure *reterr) {
        if (archive_entry_filetype(entry->header) != AE_IFREG ||
            archive_entry_hardlink(entry->header) || !archive_entry_size_is_set(entry->header) ||
            archive_entry_size(entry->header) < 0)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The archive's entry '%.255s' is neither a regular file nor a folder; "
                                "put the file itself there instead of a link to it.",
                                entry->name);
        if (entry->name[0] == '\0')
                return failure_set(reterr, -EBADMSG, "The archive has a file without a name.");
        if (tfind(entry->name, (void *const *) names, compare_strings))
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The archive holds '%.255s' twice.",
                                entry->name);
        return 0;
}

typedef struct Visit {
        ArchiveLimits left;
        void *names; /* search tree of all that were visited */
        ArchiveVisitor visitor;
        void *userdata;
} Visit;

static int too_large(Failure *reterr, const char *what) {
        return failure_set(reterr, -EFBIG, "The archive holds more %s than are allowed.", what);
}

static int visit_entry(Visit *visit, ArchiveEntry *entry, Failure *reterr) {
        int r;

        if (visit->left.max_entries-- == 0)
                return too_large(reterr, "entries");
        r = clean_name(archive_entry_pathname(entry->header), &entry->name);
        if (r < 0)
                return r;
        if (!entry->name)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The archive names '%.255s'; names must be relative and must not lead "
                                "out of it.",
                                archive_entry_pathname(entry->header) ?: "something unreadable");
        if (archive_entry_filetype(entry->header) == AE_IFDIR)
                return 0;
        r = check_file(entry, &visit->names, reterr);
        if (r < 0)
                return r;
        entry->bytes = (uint64_t) archive_entry_size(entry->header);
        if (entry->bytes > visit->left.max_bytes)
                return too_large(reterr, "bytes");
        visit->left.max_bytes -= entry->bytes;
        r = visit->visitor(visit->userdata, entry, reterr);
        if (r < 0)
                return failure_default(
                                reterr,
                                r,
                                "Cannot read '%.255s' in the archive",
                                entry->name);
        if (!tsearch(entry->name, &visit->names, compare_strings))
                return -ENOMEM;
        entry->name = NULL; /* is the tree's now */
        return 0;
}

static int read_error(struct archive *a, Failure *reterr) {
        const char *text = archive_error_string(a);
        int error = archive_errno(a) == EFBIG ? -EFBIG : -EBADMSG;

        return failure_set(
                        reterr,
                        error,
                        "This is no sound tar archive: %s.",
                        text ? text : "it cannot be read");
}

static int visit_all(struct archive *a, const Stream *stream, Visit *visit, Failure *reterr) {
        for (;;) {
                ArchiveEntry entry = { .archive = a };
                int r = archive_read_next_header(a, &entry.header);

                /* With its end mark in place nobody has to look for more behind it. */
                if (r == ARCHIVE_EOF && stream->at_end)
                        return failure_set(
                                        reterr,
                                        -EBADMSG,
                                        "The archive is torn: its end is missing.");
                if (r == ARCHIVE_EOF)
                        return 0;
                if (r != ARCHIVE_OK)
                        return read_error(a, reterr);
                r = visit_entry(visit, &entry, reterr);
                free(entry.name);
                if (r < 0)
                        return r;
        }
}

static uint64_t stream_limit(const ArchiveLimits *limits) {
        uint64_t headers, all;

        if (__builtin_mul_overflow(limits->max_entries, HEADER_MAX_BYTES, &headers) ||
            __builtin_add_overflow(limits->max_bytes, headers, &all) ||
            __builtin_add_overflow(all, 1024U * 1024U, &all))
                return UINT64_MAX;
        return all;
}

static int visit_stream(Stream *stream, Visit *visit, Failure *reterr) {
        struct archive *a = archive_read_new();
        int r;

        if (!a)
                return -ENOMEM;
        if (archive_read_support_format_tar(a) != ARCHIVE_OK ||
            archive_read_open(a, stream, NULL, stream_read, NULL) != ARCHIVE_OK)
                r = read_error(a, reterr);
        else
                r = visit_all(a, stream, visit, reterr);
        (void) archive_read_free(a);
        return r;
}

int archive_visit(
                int fd,
                const ArchiveLimits *limits,
                ArchiveVisitor visitor,
                void *userdata,
                Failure *reterr) {
        _cleanup_free_ Stream *stream = malloc(sizeof(Stream));
        Visit visit = { .left = *limits, .visitor = visitor, .userdata = userdata };
        locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0), before = (locale_t) 0;
        int r;

        if (!stream)
                return -ENOMEM;
        *stream = (Stream){ .fd = fd, .bytes_left = stream_limit(limits) };
        /* A pax header's names are UTF-8, and libarchive gives them in the locale's charset. Without
         * this locale (a sealed reader has no files) only ASCII and bytes marked so are understood. */
        if (utf8)
                before = uselocale(utf8);
        r = visit_stream(stream, &visit, reterr);
        if (utf8) {
                (void) uselocale(before);
                freelocale(utf8);
        }
        tdestroy(visit.names, free);
        return r < 0 ? failure_default(reterr, r, "Cannot read the archive") : 0;
}

/* ---- writing ---- */

struct ArchiveWriter {
        ArchiveFormat format;
        int fd;
        struct archive *archive;
        struct archive_entry *header; /* used anew for each entry */
        char *chunk;
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

        if (w->format == ARCHIVE_CPIO)
                return archive_write_set_format_cpio_newc(a);
        if (w->format == ARCHIVE_TAR_GZIP) {
                /* The fastest level: what is packed by it here is mostly compressed already. */
                int r = archive_write_add_filter_gzip(a);

                if (r == ARCHIVE_OK)
                        r = archive_write_set_filter_option(a, "gzip", "compression-level", "1");
                if (r == ARCHIVE_OK)
                        r = archive_write_set_filter_option(a, "gzip", "timestamp", NULL);
                if (r != ARCHIVE_OK)
                        return r;
        }
        return archive_write_set_format_pax_restricted(a);
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

/* newc has 32 bits without a sign. */
static int64_t fitting_time(const ArchiveWriter *w, int64_t mtime) {
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
