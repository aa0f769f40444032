/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* No call reads the attributes of a link by folder and name, and so all are read by a path through /proc. */

#include "common/archive-attributes.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "common/strings.h"

static int entry_failure(const WalkEntry *entry, int error, Failure *reterr) {
        return failure_set_errno(reterr, error, "Cannot read the attributes of '%s'", entry->path);
}

/* The names, each with a NUL behind it; 0 bytes when there are none. */
static int read_names(const char *path, char **ret, size_t *ret_size) {
        ssize_t n = llistxattr(path, NULL, 0);
        _cleanup_free_ char *names = NULL;

        *ret_size = 0;
        if (n <= 0)
                return n == 0 || errno == EOPNOTSUPP ? 0 : -errno;
        names = malloc((size_t) n);
        if (!names)
                return -ENOMEM;
        n = llistxattr(path, names, (size_t) n);
        if (n < 0)
                return -errno;
        *ret = TAKE_PTR(names);
        *ret_size = (size_t) n;
        return 0;
}

static int add_value(ArchiveAttributes *attributes, const char *path, const char *name) {
        ssize_t n = lgetxattr(path, name, NULL, 0);
        _cleanup_free_ char *value = NULL;

        if (n < 0)
                return errno == ENODATA ? 0 : -errno;
        value = malloc((size_t) n + 1);
        if (!value)
                return -ENOMEM;
        n = n > 0 ? lgetxattr(path, name, value, (size_t) n) : 0;
        if (n < 0)
                return -errno;
        return archive_attributes_set(attributes, name, TAKE_PTR(value), (size_t) n);
}

int archive_attributes_read(
                const WalkEntry *entry,
                bool (*is_wanted)(const char *name),
                ArchiveAttributes *ret,
                Failure *reterr) {
        _cleanup_(archive_attributes_done) ArchiveAttributes attributes = {};
        _cleanup_free_ char *path = str_printf(
                        "/proc/self/fd/%d/%s",
                        entry->folder_fd,
                        entry->name);
        _cleanup_free_ char *names = NULL;
        size_t size = 0;
        int r = path ? read_names(path, &names, &size) : -ENOMEM;

        for (size_t at = 0; at < size && r >= 0; at += strlen(names + at) + 1)
                if (is_wanted(names + at))
                        r = add_value(&attributes, path, names + at);
        if (r < 0)
                return entry_failure(entry, r, reterr);
        *ret = attributes;
        attributes = (ArchiveAttributes){};
        return 0;
}

static ArchiveAttribute *find(const ArchiveAttributes *attributes, const char *name) {
        for (size_t i = 0; i < attributes->n_items; i++)
                if (str_equal(attributes->items[i].name, name))
                        return &attributes->items[i];
        return NULL;
}

static ArchiveAttribute *add(ArchiveAttributes *attributes, const char *name) {
        _cleanup_free_ char *copy = strdup(name);
        ArchiveAttribute *items = reallocarray(
                        attributes->items,
                        attributes->n_items + 1,
                        sizeof(*items));

        if (items)
                attributes->items = items;
        if (!items || !copy)
                return NULL;
        items[attributes->n_items] = (ArchiveAttribute){ .name = TAKE_PTR(copy) };
        return &items[attributes->n_items++];
}

int archive_attributes_set(
                ArchiveAttributes *attributes,
                const char *name,
                char *take_value,
                size_t size) {
        _cleanup_free_ char *value = take_value;
        ArchiveAttribute *item = find(attributes, name) ?: add(attributes, name);

        if (!item)
                return -ENOMEM;
        free(item->value);
        item->value = TAKE_PTR(value);
        item->size = size;
        return 0;
}

void archive_attributes_done(ArchiveAttributes *attributes) {
        for (size_t i = 0; i < attributes->n_items; i++) {
                free(attributes->items[i].name);
                free(attributes->items[i].value);
        }
        free(attributes->items);
        *attributes = (ArchiveAttributes){};
}
