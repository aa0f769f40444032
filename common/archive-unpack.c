/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Unpacking a whole tree by libarchive, which knows how to do it safely: no entry is absolute, goes up,
 * or passes through a link. It only knows paths below the working folder, so that is changed
 * meanwhile.
 */

#include "common/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/archive-initramfs.h"
#include "common/fd.h"

#define UNPACK_FLAGS                                                           \
        (ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | \
         ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |   \
         ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS)

typedef struct Unpacking {
        struct archive *from;
        struct archive *to;
        ArchiveLimits left;
        ArchiveNodeFn on_node;
        void *userdata;
} Unpacking;

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
                        return archive_refuse_initramfs(u->to, name, reterr);
        }
        return r == ARCHIVE_EOF ? 0 : archive_refuse_initramfs(u->from, name, reterr);
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
                return archive_refuse_initramfs(u->to, name, reterr);
        r = copy_content(u, name, reterr);
        if (r >= 0 && archive_write_finish_entry(u->to) != ARCHIVE_OK)
                r = archive_refuse_initramfs(u->to, name, reterr);
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
                return archive_refuse_initramfs(u->from, /* name= */ NULL, reterr);
        /* Times of folders are set last. */
        return archive_write_close(u->to) == ARCHIVE_OK
                               ? 0
                               : archive_refuse_initramfs(u->to, NULL, reterr);
}

/* An ArchiveInitramfsFn. */
static int unpack_archive(void *userdata, struct archive *from, Failure *reterr) {
        Unpacking *u = userdata;
        int r = -ENOMEM;

        u->from = from;
        u->to = archive_write_disk_new();
        if (u->to && archive_write_disk_set_options(u->to, UNPACK_FLAGS) == ARCHIVE_OK)
                r = unpack_all(u, reterr);
        (void) archive_write_free(u->to);
        return r;
}

int archive_unpack_initramfs(
                const ArchivePlace *place,
                const ArchiveLimits *limits,
                int folder_fd,
                ArchiveNodeFn on_node,
                void *userdata,
                Failure *reterr) {
        _cleanup_close_ int before_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        Unpacking u = { .left = *limits, .on_node = on_node, .userdata = userdata };
        int r;

        if (before_fd < 0)
                return -errno;
        if (fchdir(folder_fd) < 0)
                return -errno;
        r = archive_visit_initramfs(place, limits->max_entries, unpack_archive, &u, reterr);
        if (fchdir(before_fd) < 0 && r >= 0)
                r = -errno;
        return r < 0 ? failure_default(reterr, r, "The initramfs cannot be unpacked") : 0;
}
