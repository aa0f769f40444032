/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One table: whoever wants to know which drivers of the kernel an image can reach reads it here. */

#include "container/filesystem.h"

#include <stddef.h>

#include "common/cleanup.h"
#include "common/strings.h"

/* noload, norecovery, nologreplay: a journal is never replayed, which is also what lets a dirty
 * file system be mounted from a read-only device. errors=continue overrides errors=panic in a
 * superblock. nouuid: two images may be copies of each other. */
static const DetachedOption ext4_options[] = { { "noload", NULL }, { "errors", "continue" }, {} };
static const DetachedOption xfs_options[] = { { "norecovery", NULL }, { "nouuid", NULL }, {} };
static const DetachedOption btrfs_options[] = { { "rescue", "nologreplay" }, {} };
static const DetachedOption no_options[] = { {} };

static const Filesystem filesystems[] = {
        { "ext2", "ext4", ext4_options },    { "ext3", "ext4", ext4_options },
        { "ext4", "ext4", ext4_options },    { "xfs", "xfs", xfs_options },
        { "btrfs", "btrfs", btrfs_options }, { "squashfs", "squashfs", no_options },
        { "erofs", "erofs", no_options },
};

/* It does not outlive the job, so nothing has to be on disk at any time: no barriers, and no thread that
 * writes zeroes into what is a hole. discard: what is removed gives the host its space back. After an
 * error nothing that is read can be relied on. */
static const DetachedOption scratch_options[] = { { "barrier", "0" },
                                                  { "noinit_itable", NULL },
                                                  { "discard", NULL },
                                                  { "errors", "remount-ro" },
                                                  {} };

const Filesystem filesystem_scratch = { "scratch", "ext4", scratch_options };

const Filesystem *filesystem_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(filesystems); i++)
                if (str_equal(filesystems[i].name, name))
                        return &filesystems[i];
        return NULL;
}
