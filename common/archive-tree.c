/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What goes into an archive, seen as a file system: single entries and whole trees. The content of
 * a file with several names goes with the first of them, and the others are empty: the kernel makes
 * the file at the first name and links the rest to it.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "common/archive-node.h"
#include "common/walk.h"

int archive_add_bytes(
                ArchiveWriter *w,
                const char *name,
                mode_t permissions,
                int64_t mtime,
                const void *data,
                size_t size) {
        return archive_add_node(
                        w,
                        &(ArchiveNode){
                                        .name = name,
                                        .mode = S_IFREG | (permissions & 07777),
                                        .mtime = mtime,
                                        .names = 1,
                                        .size = size,
                                        .data = data,
                                        .fd = -EBADF,
                        },
                        /* ret_number= */ NULL);
}

/* The node's content is the file's; its size must stay what it was. */
static int add_content(ArchiveWriter *w, const ArchiveNode *node, uint32_t *ret_number) {
        struct stat st;
        int r = archive_add_node(w, node, ret_number);

        if (r < 0)
                return r;
        if (fstat(node->fd, &st) < 0)
                return -errno;
        return (uint64_t) st.st_size == node->size ? 0 : -EBUSY;
}

int archive_add_file(
                ArchiveWriter *w,
                const char *name,
                mode_t permissions,
                int64_t mtime,
                int fd) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        return add_content(
                        w,
                        &(ArchiveNode){
                                        .name = name,
                                        .mode = S_IFREG | (permissions & 07777),
                                        .mtime = mtime,
                                        .names = 1,
                                        .size = (uint64_t) st.st_size,
                                        .fd = fd,
                        },
                        /* ret_number= */ NULL);
}

int archive_add_folder(ArchiveWriter *w, const char *name, mode_t permissions, int64_t mtime) {
        return archive_add_node(
                        w,
                        &(ArchiveNode){
                                        .name = name,
                                        .mode = S_IFDIR | (permissions & 07777),
                                        .mtime = mtime,
                                        .names = 1,
                                        .fd = -EBADF,
                        },
                        /* ret_number= */ NULL);
}

int archive_add_device(
                ArchiveWriter *w,
                const char *name,
                mode_t type_and_permissions,
                unsigned device_major,
                unsigned device_minor) {
        assert(S_ISCHR(type_and_permissions) || S_ISBLK(type_and_permissions));
        return archive_add_node(
                        w,
                        &(ArchiveNode){
                                        .name = name,
                                        .mode = type_and_permissions,
                                        .names = 1,
                                        .fd = -EBADF,
                                        .device_major = device_major,
                                        .device_minor = device_minor,
                        },
                        /* ret_number= */ NULL);
}

/* A file that has more names than one. */
typedef struct Link {
        dev_t device; /* as the file system has it … */
        ino_t inode;
        uint32_t number; /* … and as the archive does */
        char name[];     /* the first one */
} Link;

typedef struct Tree {
        ArchiveWriter *w;
        const ArchiveLabeller *labeller; /* NULL when no attribute is written … */
        ArchiveAttributeFn on_attribute; /* … but those of regular files are told here */
        void *userdata;
        void *links; /* search tree of Link */
} Tree;

static int compare_links(const void *a, const void *b) {
        const Link *x = a, *y = b;

        if (x->device != y->device)
                return x->device < y->device ? -1 : 1;
        if (x->inode != y->inode)
                return x->inode < y->inode ? -1 : 1;
        return 0;
}

static int remember_link(Tree *tree, const WalkEntry *entry, uint32_t number) {
        size_t size = strlen(entry->path) + 1;
        Link *link = malloc(sizeof(Link) + size);

        if (!link)
                return -ENOMEM;
        *link = (Link){
                .device = entry->st.st_dev,
                .inode = entry->st.st_ino,
                .number = number,
        };
        memcpy(link->name, entry->path, size);
        if (!tsearch(link, &tree->links, compare_links)) {
                free(link);
                return -ENOMEM;
        }
        return 0;
}

static const Link *find_link(const Tree *tree, const WalkEntry *entry) {
        Link key = { .device = entry->st.st_dev, .inode = entry->st.st_ino };
        Link *const *found = tfind(&key, &tree->links, compare_links);

        return found ? *found : NULL;
}

bool archive_attribute_is_told(const char *name) {
        return strcmp(name, ARCHIVE_CAPABILITY) == 0 || strncmp(name, "user.", 5) == 0;
}

static int tell_attributes(Tree *tree, const WalkEntry *entry, Failure *reterr) {
        _cleanup_(archive_attributes_done) ArchiveAttributes found = {};
        int r;

        if (!tree->on_attribute)
                return 0;
        r = archive_attributes_read(entry, archive_attribute_is_told, &found, reterr);
        for (size_t i = 0; i < found.n_items && r >= 0; i++) {
                const ArchiveAttribute *item = &found.items[i];

                r = tree->on_attribute(
                                tree->userdata,
                                entry->path,
                                item->name,
                                item->value,
                                item->size);
        }
        return r < 0 ? failure_default(reterr, r, "Cannot note the attributes of '%s'", entry->path)
                     : 0;
}

/* What a squashfs has room for. */
static bool is_carried(const char *name) {
        static const char *const prefixes[] = { "security.", "trusted.", "user." };

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
                        return true;
        return false;
}

/* The entry's own, and its label. */
static int gather_attributes(
                const Tree *tree,
                const WalkEntry *entry,
                ArchiveAttributes *ret,
                Failure *reterr) {
        const ArchiveLabeller *labeller = tree->labeller;
        char *label = NULL;
        int r;

        if (!labeller)
                return 0;
        r = archive_attributes_read(entry, is_carried, ret, reterr);
        if (r < 0)
                return r;
        r = labeller->label(labeller->userdata, entry->path, entry->st.st_mode, &label, reterr);
        if (r > 0) /* a label's bytes have a NUL at their end */
                r = archive_attributes_set(ret, labeller->attribute, label, strlen(label) + 1);
        return r < 0 ? failure_default(reterr, r, "Cannot label '%s'", entry->path) : 0;
}

static int file_failure(const WalkEntry *entry, int error, Failure *reterr) {
        if (error == -EFBIG && entry->st.st_size > UINT32_MAX)
                return failure_set(
                                reterr,
                                error,
                                "'%s' has %" PRIu64 " bytes, and an initrd (newc cpio) holds no "
                                "file of 4 GiB or more; remove it from the image or leave it out.",
                                entry->path,
                                (uint64_t) entry->st.st_size);
        if (error == -EBUSY)
                return failure_set(
                                reterr,
                                -EIO,
                                "'%s' changed its size while it was read.",
                                entry->path);
        return failure_set_errno(reterr, error, "Cannot archive '%s'", entry->path);
}

static ArchiveNode node_of(const WalkEntry *entry) {
        return (ArchiveNode){
                .name = entry->path,
                .mode = entry->st.st_mode,
                .uid = entry->st.st_uid,
                .gid = entry->st.st_gid,
                .mtime = entry->st.st_mtim.tv_sec,
                .names = 1,
                .fd = -EBADF,
        };
}

/* A further name of a file that is in the archive. */
static int add_link(Tree *tree, const WalkEntry *entry, const Link *link, Failure *reterr) {
        ArchiveNode node = node_of(entry);
        int r;

        node.names = (uint32_t) entry->st.st_nlink;
        node.link_number = link->number;
        node.link_name = link->name;
        r = archive_add_node(tree->w, &node, /* ret_number= */ NULL);
        return r < 0 ? file_failure(entry, r, reterr) : 0;
}

static int add_regular(Tree *tree, const WalkEntry *entry, ArchiveNode *node, Failure *reterr) {
        _cleanup_close_ int fd = -EBADF;
        uint32_t number;
        int r;

        node->names = (uint32_t) entry->st.st_nlink;
        fd = openat(entry->folder_fd, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
                return failure_set_errno(reterr, -errno, "Cannot open '%s'", entry->path);
        node->fd = fd;
        node->size = (uint64_t) entry->st.st_size;
        r = add_content(tree->w, node, &number);
        if (r >= 0 && entry->st.st_nlink > 1)
                r = remember_link(tree, entry, number);
        if (r < 0)
                return file_failure(entry, r, reterr);
        return tell_attributes(tree, entry, reterr);
}

static int add_symlink(Tree *tree, const WalkEntry *entry, ArchiveNode *node, Failure *reterr) {
        char target[PATH_MAX + 1];
        ssize_t n = readlinkat(entry->folder_fd, entry->name, target, sizeof(target) - 1);
        int r;

        if (n < 0)
                return failure_set_errno(reterr, -errno, "Cannot read the link '%s'", entry->path);
        target[n] = '\0';
        node->symlink_target = target;
        r = archive_add_node(tree->w, node, /* ret_number= */ NULL);
        return r < 0 ? file_failure(entry, r, reterr) : 0;
}

static int add_entry(void *userdata, const WalkEntry *entry, Failure *reterr) {
        Tree *tree = userdata;
        const struct stat *st = &entry->st;
        bool is_regular = S_ISREG(st->st_mode);
        const Link *link = is_regular && st->st_nlink > 1 ? find_link(tree, entry) : NULL;
        _cleanup_(archive_attributes_done) ArchiveAttributes attributes = {};
        ArchiveNode node = node_of(entry);
        int r;

        if (S_ISSOCK(st->st_mode))
                return 0;
        if (link)
                return add_link(tree, entry, link, reterr);
        r = gather_attributes(tree, entry, &attributes, reterr);
        if (r < 0)
                return r;
        node.attributes = &attributes;
        if (is_regular)
                return add_regular(tree, entry, &node, reterr);
        if (S_ISLNK(st->st_mode))
                return add_symlink(tree, entry, &node, reterr);
        if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)) {
                node.device_major = major(st->st_rdev);
                node.device_minor = minor(st->st_rdev);
        }
        r = archive_add_node(tree->w, &node, /* ret_number= */ NULL);
        return r < 0 ? file_failure(entry, r, reterr) : 0;
}

static int add_tree(Tree *tree, int folder_fd, Failure *reterr) {
        int r = walk_tree(folder_fd, add_entry, tree, reterr);

        tdestroy(tree->links, free);
        return r < 0 ? failure_default(reterr, r, "Cannot archive the tree") : 0;
}

int archive_add_tree(
                ArchiveWriter *w,
                int folder_fd,
                ArchiveAttributeFn on_attribute,
                void *userdata,
                Failure *reterr) {
        Tree tree = { .w = w, .on_attribute = on_attribute, .userdata = userdata };
        struct stat st;
        int r;

        if (fstat(folder_fd, &st) < 0)
                return failure_set_errno(reterr, -errno, "Cannot look at the tree's root");
        r = archive_add_folder(w, ".", 0755, st.st_mtim.tv_sec);
        return r < 0 ? failure_default(reterr, r, "Cannot archive the tree's root")
                     : add_tree(&tree, folder_fd, reterr);
}

int archive_add_labelled_tree(
                ArchiveWriter *w,
                int folder_fd,
                const ArchiveLabeller *labeller,
                Failure *reterr) {
        Tree tree = { .w = w, .labeller = labeller };

        return add_tree(&tree, folder_fd, reterr);
}
