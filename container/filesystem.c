/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One table: whoever wants to know which drivers of the kernel and which programs an image can reach
 * reads it here. */

#include "container/filesystem.h"

#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/strings.h"

/* noload, norecovery, nologreplay: a journal is never replayed, which is also what lets a dirty
 * file system be mounted from a read-only device. errors=continue overrides errors=panic in a
 * superblock. nouuid: two images may be copies of each other. */
static const DetachedOption ext4_options[] = { { "noload", NULL }, { "errors", "continue" }, {} };
static const DetachedOption xfs_options[] = { { "norecovery", NULL }, { "nouuid", NULL }, {} };
static const DetachedOption btrfs_options[] = { { "rescue", "nologreplay" }, {} };
static const DetachedOption no_options[] = { {} };

/* What was read once is true for ever, as nobody writes: the kernel need not ask again (squashfuse
 * says so itself). use_ino: hard links are known by the numbers that the image gives. */
#define FUSE2FS_OPTIONS                                                                           \
        "ro,norecovery,no_default_opts,use_ino,kernel_cache,big_writes,attr_timeout=86400,entry_" \
        "timeout=86400,negative_timeout=86400"
#define FUSE2FS    "fuse2fs", FUSE2FS_OPTIONS, "fuse2fs", false
#define SQUASHFUSE "squashfuse", NULL, "squashfuse", false
#define NO_PROGRAM NULL, NULL, NULL, false

static const Filesystem filesystems[] = {
        { "ext2", "ext4", ext4_options, FUSE2FS },
        { "ext3", "ext4", ext4_options, FUSE2FS },
        { "ext4", "ext4", ext4_options, FUSE2FS },
        { "xfs", "xfs", xfs_options, NO_PROGRAM },
        { "btrfs", "btrfs", btrfs_options, NO_PROGRAM },
        { "squashfs", "squashfs", no_options, SQUASHFUSE },
        { "erofs", "erofs", no_options, NO_PROGRAM },
};

/* It does not outlive the job, so nothing has to be on disk at any time: no barriers, and no thread that
 * writes zeroes into what is a hole. discard: what is removed gives the host its space back. After an
 * error nothing that is read can be relied on. */
static const DetachedOption scratch_options[] = { { "barrier", "0" },
                                                  { "noinit_itable", NULL },
                                                  { "discard", NULL },
                                                  { "errors", "remount-ro" },
                                                  {} };

const Filesystem filesystem_scratch = { "scratch", "ext4", scratch_options, NO_PROGRAM };

static const char *const program_folders[] = { "/usr/bin", "/usr/sbin", "/bin", "/sbin" };

const Filesystem *filesystem_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(filesystems); i++)
                if (str_equal(filesystems[i].name, name))
                        return &filesystems[i];
        return NULL;
}

int filesystem_find_program(
                const Filesystem *filesystem,
                char ret[static FILESYSTEM_PROGRAM_SIZE]) {
        for (size_t i = 0; filesystem->program && i < ELEMENTSOF(program_folders); i++) {
                (void) snprintf(ret,
                                FILESYSTEM_PROGRAM_SIZE,
                                "%s/%s",
                                program_folders[i],
                                filesystem->program);
                if (access(ret, X_OK) >= 0)
                        return 0;
        }
        return -ENOENT;
}
