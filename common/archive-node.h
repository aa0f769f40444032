/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One entry as it is written: what archive-tree.c makes and archive-write.c hands to the library. Inside
 * of the archives only; everybody else uses common/archive.h.
 */

#include <stdint.h>
#include <sys/stat.h>

#include "common/archive-attributes.h"
#include "common/archive.h"

typedef struct ArchiveNode {
        const char *name;
        mode_t mode; /* with the type */
        uid_t uid;
        gid_t gid;
        int64_t mtime;
        uint32_t names;   /* how many the file has */
        uint64_t size;    /* of a regular file or of the symlink's target */
        const void *data; /* the content: this, or when NULL … */
        int fd;           /* … this file's, from its start */
        const char *symlink_target;
        uint32_t device_major;
        uint32_t device_minor;
        uint32_t link_number;  /* a further name of the entry with this number, 0 for none */
        const char *link_name; /* that entry's name */
        const ArchiveAttributes *attributes; /* only for tar; NULL for none */
} ArchiveNode;

/* Writes the entry and says its number. The first error stays and is the answer ever after. Errors:
 * -EFBIG when the format cannot hold the size, -EBUSY when the file became shorter. */
int archive_add_node(ArchiveWriter *w, const ArchiveNode *node, uint32_t *ret_number);
