/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reading the user's files into a context. A link that a config names itself is followed, as the user
 * means the file; one that lies in a folder is refused, as a context has none and what it leads to
 * may be anything.
 */

#include "client/pack-source.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/strings.h"
#include "common/walk.h"

static int compare_names(const void *a, const void *b) {
        return strcmp(a, b);
}

void pack_names_done(PackNames *names) {
        tdestroy(names->tree, free);
}

/* Returns 1 when the name is new, 0 when it is there. */
static int note_name(PackNames *names, const char *name) {
        char *copy;

        if (tfind(name, &names->tree, compare_names))
                return 0;
        copy = strdup(name);
        if (copy && tsearch(copy, &names->tree, compare_names))
                return 1;
        free(copy);
        return -ENOMEM;
}

int pack_add_file(ArchiveWriter *w, const PackSource *source, PackNames *names, Failure *reterr) {
        struct stat st;
        int r = note_name(names, source->entry);

        if (r == 0)
                return 0;
        if (r >= 0 && fstat(source->fd, &st) < 0)
                r = -errno;
        if (r >= 0)
                r = archive_add_file(
                                w,
                                source->entry,
                                st.st_mode & 0777,
                                st.st_mtim.tv_sec,
                                source->fd);
        if (r == -EBUSY)
                return failure_set(
                                reterr,
                                r,
                                "The file '%s' changed while it was packed; try again when nobody "
                                "writes to it.",
                                source->path);
        if (r < 0) /* of this machine, not of the command line */
                return failure_set_errno(
                                reterr,
                                r == -EINVAL ? -EIO : r,
                                "Cannot pack the file '%s'",
                                source->path);
        return 0;
}

typedef struct Folder {
        ArchiveWriter *w;
        const PackSource *source;
        PackNames *names;
} Folder;

static int add_below(Folder *folder, const WalkEntry *entry, PackSource *below, Failure *reterr) {
        _cleanup_close_ int fd = -EBADF;

        if (S_ISDIR(entry->st.st_mode))
                return archive_add_folder(
                                folder->w,
                                below->entry,
                                entry->st.st_mode & 0777,
                                entry->st.st_mtim.tv_sec);
        if (!S_ISREG(entry->st.st_mode))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The folder '%s' holds '%s', which is %s: only files and folders "
                                "can be sent; take it out, and make it by a script if the OS needs "
                                "it.",
                                folder->source->path,
                                entry->path,
                                S_ISLNK(entry->st.st_mode) ? "a link" : "no regular file");
        fd = openat(entry->folder_fd, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
                return failure_set_errno(reterr, -errno, "Cannot pack the file '%s'", below->path);
        below->fd = fd;
        return pack_add_file(folder->w, below, folder->names, reterr);
}

static int on_entry(void *userdata, const WalkEntry *entry, Failure *reterr) {
        Folder *folder = userdata;
        _cleanup_free_ char *path = str_printf("%s/%s", folder->source->path, entry->path);
        _cleanup_free_ char *name = str_printf("%s/%s", folder->source->entry, entry->path);
        PackSource below = { .path = path, .entry = name, .fd = -EBADF };

        return path && name ? add_below(folder, entry, &below, reterr) : -ENOMEM;
}

int pack_add_folder(ArchiveWriter *w, const PackSource *source, PackNames *names, Failure *reterr) {
        Folder folder = { .w = w, .source = source, .names = names };
        int r = archive_add_folder(w, source->entry, 0755, /* mtime= */ 0);

        if (r >= 0)
                r = walk_tree(source->fd, on_entry, &folder, reterr);
        return r < 0 ? failure_default(reterr, r, "Cannot pack the folder '%s'", source->path) : 0;
}
