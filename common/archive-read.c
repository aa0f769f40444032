/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading archives by libarchive, whose verdicts are taken strictly: whatever is not ARCHIVE_OK is an
 * error. */

#include "common/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <search.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/strings.h"

#define READ_BLOCK_BYTES (64U * 1024U)
#define COPY_CHUNK_BYTES (1024U * 1024U)

/* Headers are not content, but a stream of nothing else must end, too. */
#define HEADER_MAX_BYTES 8192U

/* What kinds of archive differ in. */
typedef struct ArchiveKind {
        const char *name;
        int (*support)(struct archive *a);
        bool has_end; /* a mark, without which the archive is torn */
        bool is_medium; /* a file system: what is no file is passed over, and content has more names */
} ArchiveKind;

typedef struct Stream {
        int fd;
        uint64_t bytes_left;
        bool at_end; /* the descriptor has no more */
        char block[READ_BLOCK_BYTES];
} Stream;

/* A file system as it is mapped. */
typedef struct Medium {
        const char *data;
        size_t size;
} Medium;

struct ArchiveEntry {
        struct archive *archive;
        const Medium *medium; /* NULL in a stream */
        struct archive_entry *header;
        char *name;
        char *twin;
        uint64_t bytes;
};

const char *archive_entry_name(const ArchiveEntry *entry) {
        return entry->name;
}

const char *archive_entry_twin(const ArchiveEntry *entry) {
        return entry->twin;
}

uint64_t archive_entry_bytes(const ArchiveEntry *entry) {
        return entry->bytes;
}

/* Where an ISO has no words for them, libarchive says 0400. */
mode_t archive_entry_permissions(const ArchiveEntry *entry) {
        if (entry->medium && archive_format(entry->archive) != ARCHIVE_FORMAT_ISO9660_ROCKRIDGE)
                return 0444;
        return archive_entry_perm(entry->header) & 0777;
}

bool archive_entry_is_folder(const ArchiveEntry *entry) {
        return archive_entry_filetype(entry->header) == AE_IFDIR;
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

/* libarchive hands out what lies in memory from there. If it did not, or unpacked it first, the bytes would
 * be elsewhere than in the mapping, which is asked and not assumed. */
int archive_entry_place(ArchiveEntry *entry, uint64_t *ret_offset) {
        const Medium *medium = entry->medium;
        uint64_t start = 0, done = 0;

        while (done < entry->bytes) {
                const void *block;
                la_int64_t at;
                size_t size;
                uintptr_t offset;

                if (archive_read_data_block(entry->archive, &block, &size, &at) != ARCHIVE_OK)
                        return -EBADMSG;
                offset = (uintptr_t) block - (uintptr_t) medium->data;
                if (done == 0)
                        start = offset;
                if (at < 0 || (uint64_t) at != done || offset != start + done ||
                    offset > medium->size || size > medium->size - offset)
                        return -EOPNOTSUPP;
                done += size;
        }
        if (done != entry->bytes)
                return -EOPNOTSUPP;
        *ret_offset = start;
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

/* A regular file with a content of its own, or, where the kind has such, a second name of one. */
static bool is_file(const ArchiveEntry *entry) {
        if (archive_entry_filetype(entry->header) != AE_IFREG)
                return false;
        return entry->twin ||
               (!archive_entry_hardlink(entry->header) &&
                archive_entry_size_is_set(entry->header) && archive_entry_size(entry->header) >= 0);
}

static int check_file(const ArchiveEntry *entry, const void *names, Failure *reterr) {
        if (!is_file(entry))
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
        const ArchiveKind *kind;
        Stream *stream;       /* one of these two */
        const Medium *medium; /* … */
        ArchiveLimits left;
        void *names; /* search tree of all that were visited */
        ArchiveVisitor visitor;
        void *userdata;
} Visit;

static int too_large(Failure *reterr, const char *what) {
        return failure_set(reterr, -EFBIG, "The archive holds more %s than are allowed.", what);
}

static bool is_passed_over(const ArchiveKind *kind, const ArchiveEntry *entry) {
        return kind->is_medium && archive_entry_filetype(entry->header) != AE_IFREG;
}

/* What was passed over is no file whose bytes an entry could share. */
static int find_twin(const Visit *visit, ArchiveEntry *entry, Failure *reterr) {
        const char *twin = archive_entry_hardlink(entry->header);
        int r = visit->kind->is_medium && twin ? clean_name(twin, &entry->twin) : 0;

        if (r < 0 || !visit->kind->is_medium || !twin)
                return r;
        if (entry->twin && tfind(entry->twin, &visit->names, compare_strings))
                return 0;
        return failure_set(
                        reterr,
                        -EBADMSG,
                        "The archive's entry '%.255s' shares its bytes with '%.255s', which is no file "
                        "before it.",
                        entry->name,
                        twin);
}

/* Unless they are asked for, folders are made for what lies in them. */
static int visit_folder(const Visit *visit, ArchiveEntry *entry, Failure *reterr) {
        int r = 0;

        /* The stream's own top is in every folder already. */
        if (visit->left.with_folders && entry->name[0] != '\0')
                r = visit->visitor(visit->userdata, entry, reterr);
        return r < 0 ? failure_default(reterr,
                                       r,
                                       "Cannot read '%.255s' in the archive",
                                       entry->name)
                     : 0;
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
        if (archive_entry_is_folder(entry))
                return visit_folder(visit, entry, reterr);
        if (is_passed_over(visit->kind, entry))
                return 0;
        r = find_twin(visit, entry, reterr);
        if (r >= 0)
                r = check_file(entry, &visit->names, reterr);
        if (r < 0)
                return r;
        entry->bytes = entry->twin ? 0 : (uint64_t) archive_entry_size(entry->header);
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

static int read_error(struct archive *a, const ArchiveKind *kind, Failure *reterr) {
        const char *text = archive_error_string(a);
        int error = archive_errno(a) == EFBIG ? -EFBIG : -EBADMSG;

        return failure_set(
                        reterr,
                        error,
                        "This is no sound %s: %s.",
                        kind->name,
                        text ? text : "it cannot be read");
}

static int visit_all(struct archive *a, Visit *visit, Failure *reterr) {
        for (;;) {
                ArchiveEntry entry = { .archive = a, .medium = visit->medium };
                int r = archive_read_next_header(a, &entry.header);

                /* With its end mark in place nobody has to look for more behind it. */
                if (r == ARCHIVE_EOF && visit->kind->has_end && visit->stream->at_end)
                        return failure_set(
                                        reterr,
                                        -EBADMSG,
                                        "The archive is torn: its end is missing.");
                if (r == ARCHIVE_EOF)
                        return 0;
                if (r != ARCHIVE_OK)
                        return read_error(a, visit->kind, reterr);
                r = visit_entry(visit, &entry, reterr);
                free(entry.name);
                free(entry.twin);
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

static int open_archive(struct archive *a, const Visit *visit) {
        if (visit->medium)
                return archive_read_open_memory(a, visit->medium->data, visit->medium->size);
        return archive_read_open(a, visit->stream, NULL, stream_read, NULL);
}

static int visit_archive(Visit *visit, Failure *reterr) {
        struct archive *a = archive_read_new();
        int r;

        if (!a)
                return -ENOMEM;
        if (visit->kind->support(a) != ARCHIVE_OK || open_archive(a, visit) != ARCHIVE_OK)
                r = read_error(a, visit->kind, reterr);
        else
                r = visit_all(a, visit, reterr);
        (void) archive_read_free(a);
        return r;
}

/* Frees the names that it has noted. */
static int visit_in_utf8(Visit *visit, Failure *reterr) {
        locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0), before = (locale_t) 0;
        int r;

        /* A pax header's names are UTF-8, and libarchive gives them in the locale's charset. Without
         * this locale (a sealed reader has no files) only ASCII and bytes marked so are understood. */
        if (utf8)
                before = uselocale(utf8);
        r = visit_archive(visit, reterr);
        if (utf8) {
                (void) uselocale(before);
                freelocale(utf8);
        }
        tdestroy(visit->names, free);
        return r < 0 ? failure_default(reterr, r, "Cannot read the archive") : 0;
}

int archive_visit(
                int fd,
                const ArchiveLimits *limits,
                ArchiveVisitor visitor,
                void *userdata,
                Failure *reterr) {
        static const ArchiveKind tar = {
                .name = "tar archive",
                .support = archive_read_support_format_tar,
                .has_end = true,
        };
        _cleanup_free_ Stream *stream = malloc(sizeof(Stream));
        Visit visit = {
                .kind = &tar,
                .stream = stream,
                .left = *limits,
                .visitor = visitor,
                .userdata = userdata,
        };

        if (!stream)
                return -ENOMEM;
        *stream = (Stream){ .fd = fd, .bytes_left = stream_limit(limits) };
        return visit_in_utf8(&visit, reterr);
}

/* An empty file is none that can be mapped. */
static int map_medium(int fd, Medium *medium) {
        struct stat st;
        void *data;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_size == 0)
                return 0;
        data = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data == MAP_FAILED)
                return -errno;
        *medium = (Medium){ .data = data, .size = (size_t) st.st_size };
        return 0;
}

static void unmap_medium(const Medium *medium) {
        if (medium->size > 0)
                (void) munmap((void *) medium->data, medium->size);
}

int archive_visit_iso(
                int fd,
                const ArchiveLimits *limits,
                ArchiveVisitor visitor,
                void *userdata,
                Failure *reterr) {
        static const ArchiveKind iso = {
                .name = "ISO 9660 file system",
                .support = archive_read_support_format_iso9660,
                .is_medium = true,
        };
        Medium medium = { .data = "" };
        Visit visit = {
                .kind = &iso,
                .medium = &medium,
                .left = *limits,
                .visitor = visitor,
                .userdata = userdata,
        };
        int r = map_medium(fd, &medium);

        if (r < 0)
                return failure_set_errno(reterr, r, "The file system cannot be read");
        r = visit_in_utf8(&visit, reterr);
        unmap_medium(&medium);
        return r;
}
