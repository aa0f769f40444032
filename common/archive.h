/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Archives: tar streams and ISO 9660 read with suspicion, initramfs unpacked, tar and cpio written with
 * care. The only header over libarchive. All calls block.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/failure.h"

/* ---- reading: tar (ustar, pax, GNU), not compressed, regular files only ---- */

/* What a stream may hold at most. */
typedef struct ArchiveLimits {
        uint64_t max_bytes; /* of all contents together */
        uint64_t max_entries;
        bool with_folders; /* folders are visited, too; else they are passed over */
} ArchiveLimits;

/* One entry of a stream while it is being visited. */
typedef struct ArchiveEntry ArchiveEntry;
const char *archive_entry_name(const ArchiveEntry *entry); /* relative, no "..", no empty part */
uint64_t archive_entry_bytes(const ArchiveEntry *entry);
/* 0 to 0777; of an ISO without Rock Ridge, which cannot say it, 0444. */
mode_t archive_entry_permissions(const ArchiveEntry *entry);
bool archive_entry_is_folder(const ArchiveEntry *entry); /* which has no content */

/* The entry's content. Each may be called once for an entry. Errors: -EFBIG, -EBADMSG for a torn
 * stream, and what write() gives. */
int archive_entry_read(ArchiveEntry *entry, uint64_t max, char **ret_data, size_t *ret_size);
int archive_entry_copy(ArchiveEntry *entry, int to_fd);

/* Called for each entry; a negative return ends the reading with that error. */
typedef int (*ArchiveVisitor)(void *userdata, ArchiveEntry *entry, Failure *reterr);

/* Reads `fd` from its current position and visits the entries in order. Errors: -EBADMSG when it is
 * no such stream, is torn, names a path that is absolute or leads out, names one twice, or holds
 * anything but regular files and folders (one folder may come several times); -EFBIG over the
 * limits. */
int archive_visit(
                int fd,
                const ArchiveLimits *limits,
                ArchiveVisitor visitor,
                void *userdata,
                Failure *reterr);

/* The same for an ISO 9660 file system, with Rock Ridge's names, else Joliet's; the file is mapped as a whole,
 * whatever its position. What is neither a regular file nor a folder is passed over. Files that share their
 * bytes come one after the other: all but the first have no content of their own, but a twin. */
int archive_visit_iso(
                int fd,
                const ArchiveLimits *limits,
                ArchiveVisitor visitor,
                void *userdata,
                Failure *reterr);

/* The name of the earlier file with the same content; NULL when there is none, and always in tar. */
const char *archive_entry_twin(const ArchiveEntry *entry);

/* Where in the ISO the entry's bytes lie, whole and in one piece; 0 for none. Reads no content, and takes the
 * place of the calls above. Errors: -EOPNOTSUPP when they lie in several pieces or are packed. */
int archive_entry_place(ArchiveEntry *entry, uint64_t *ret_offset);

/* Told of a device node that is not made. The path is as it stands there, which may be anything. */
typedef void (*ArchiveNodeFn)(void *userdata, const char *path);

/* Where in a file an archive lies. */
typedef struct ArchivePlace {
        int fd; /* borrowed; its position does not count */
        uint64_t offset_bytes;
        uint64_t size_bytes;
} ArchivePlace;

/* Unpacks an initramfs, cpio "newc" plain or compressed by gzip, zstd, xz or lz4, into the folder: with owners,
 * modes, times, links and hard links, but without sockets and device nodes, and without ever following a link
 * that it brought. Of several in a row all are unpacked, up to the first that is compressed. `limits` as above,
 * `on_node` may be NULL. Errors: -EBADMSG, -EFBIG, and what making files gives. */
int archive_unpack_initramfs(
                const ArchivePlace *place,
                const ArchiveLimits *limits,
                int folder_fd,
                ArchiveNodeFn on_node,
                void *userdata,
                Failure *reterr);

/* The text of the first file "lib/a" in an initramfs as above, or "usr/lib/a", which is the same where /lib is a
 * link; nothing is unpacked. Caller frees. Errors: -ENOENT when there is none, -EFBIG over the limits or when
 * the file has more bytes than ARCHIVE_FOUND_MAX_BYTES, -EBADMSG, -ENOMEM. */
#define ARCHIVE_FOUND_MAX_BYTES (64U * 1024U)
int archive_find_in_initramfs(
                const ArchivePlace *place,
                const ArchiveLimits *limits,
                const char *path,
                char **ret_data,
                Failure *reterr);

/* ---- writing ---- */

typedef enum ArchiveFormat {
        ARCHIVE_TAR,      /* pax where ustar does not do */
        ARCHIVE_TAR_GZIP, /* the same through gzip */
        ARCHIVE_CPIO,     /* "newc", what the kernel unpacks as an initramfs */
} ArchiveFormat;

typedef struct ArchiveWriter ArchiveWriter;

/* Borrows `fd` until archive_writer_finish() or _free. Owners in the stream are numbers only. */
int archive_writer_new(ArchiveFormat format, int fd, ArchiveWriter **ret);

/* From now on no time that is written is later, in seconds since 1970; 0 for as they are. */
void archive_writer_set_newest(ArchiveWriter *w, int64_t mtime);

/* A regular file of root's with these permissions, from memory or from a descriptor (read by
 * pread from its start; exactly the size it has now). `mtime` is seconds since 1970. Errors: -EFBIG
 * for a file the format cannot hold (cpio: 4 GiB - 1). */
int archive_add_bytes(
                ArchiveWriter *w,
                const char *name,
                mode_t permissions,
                int64_t mtime,
                const void *data,
                size_t size);
int archive_add_file(ArchiveWriter *w, const char *name, mode_t permissions, int64_t mtime, int fd);
int archive_add_folder(ArchiveWriter *w, const char *name, mode_t permissions, int64_t mtime);
int archive_add_device(
                ArchiveWriter *w,
                const char *name,
                mode_t type_and_permissions,
                unsigned major,
                unsigned minor);

/* Everything below the folder, sorted by name, the folder itself as "." with mode 0755: modes, owners,
 * times, links, hard links once, device numbers, fifos; sockets are left out. Mount points are entered.
 * A file that changes size meanwhile or cannot be read is an error, never a hole. Of each regular file's
 * extended attributes that archive_attribute_is_told() names, `on_attribute` (may be NULL) is told path,
 * name and bytes, as no format here carries them. */
typedef int (*ArchiveAttributeFn)(
                void *userdata,
                const char *path,
                const char *name,
                const void *value,
                size_t size);
int archive_add_tree(
                ArchiveWriter *w,
                int folder_fd,
                ArchiveAttributeFn on_attribute,
                void *userdata,
                Failure *reterr);

/* Gives each entry of a tree one attribute more. */
typedef struct ArchiveLabeller {
        const char *attribute; /* its name; it takes the place of one that the entry has */
        /* Returns 1 with a label, which is freed, or 0 when the entry is to have none. The path has no '/' in
         * front; the mode tells the type. */
        int (*label)(void *userdata,
                     const char *path,
                     mode_t mode,
                     char **ret_label,
                     Failure *reterr);
        void *userdata;
} ArchiveLabeller;

/* The same in tar and with attributes, those that a squashfs has room for and the label, of each entry whatever
 * its type. Without the folder itself. A file with several names has the label of the first. */
int archive_add_labelled_tree(
                ArchiveWriter *w,
                int folder_fd,
                const ArchiveLabeller *labeller,
                Failure *reterr);

#define ARCHIVE_CAPABILITY "security.capability"

/* Whether it is part of what a file is, wherever it lies: its capabilities, and what users gave it. Labels
 * and lists of rights depend on the system around. Pure. */
bool archive_attribute_is_told(const char *name);

/* Writes the end and every byte still held back. An archive is complete only when this returned 0. */
int archive_writer_finish(ArchiveWriter *w, Failure *reterr);

ArchiveWriter *archive_writer_free(ArchiveWriter *w);
DEFINE_CLEANUP(ArchiveWriter *, archive_writer_free);
