/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Preflight of free space. How well something packs is known only afterwards, and scripts may remove
 * most of an OS. So what is taken for needed is what nobody has seen come out smaller: a tenth of what
 * the image's file systems use. Half of that or less is usual, a third the rule.
 */

#include "liveos/space.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <sys/statfs.h>

#include "liveos/build.h"

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

#define PACKED_AT_BEST 10 /* times smaller */

int space_look(int fd, Space *ret) {
        struct statfs st;

        if (fstatfs(fd, &st) < 0)
                return -errno;
        *ret = (Space){
                .free_bytes = (uint64_t) st.f_bavail * (uint64_t) st.f_bsize,
                .is_plain = st.f_type == EXT4_SUPER_MAGIC || st.f_type == XFS_SUPER_MAGIC ||
                            st.f_type == TMPFS_MAGIC,
        };
        return 0;
}

uint64_t space_estimate(uint64_t used_bytes, bool makes_iso) {
        return used_bytes / PACKED_AT_BEST * (makes_iso ? 2 : 1);
}

/* Two mounts may be folders of one file system, which counts once. */
static int add_used(const Build *build, size_t index, uint64_t *used_bytes) {
        struct statfs st, other;

        if (statfs(build->mounts.items[index].folder, &st) < 0)
                return -errno;
        for (size_t i = 0; i < index; i++)
                if (statfs(build->mounts.items[i].folder, &other) >= 0 &&
                    other.f_fsid.__val[0] == st.f_fsid.__val[0] &&
                    other.f_fsid.__val[1] == st.f_fsid.__val[1])
                        return 0;
        *used_bytes += (uint64_t) (st.f_blocks - st.f_bfree) * (uint64_t) st.f_bsize;
        return 0;
}

/* The conductor puts the remedy in front of it, as of all that lacks space. */
int space_check(const Build *build, Failure *reterr) {
        uint64_t used_bytes = 0, need_bytes;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < build->mounts.n_items; i++)
                r = add_used(build, i, &used_bytes);
        if (r < 0)
                return failure_set_errno(reterr, r, "The free space cannot be looked at");
        need_bytes = space_estimate(used_bytes, build_makes_iso(build));
        if (!build->space.is_plain || need_bytes <= build->space.free_bytes)
                return 0;
        return failure_set(
                        reterr,
                        -ENOSPC,
                        "The artifact needs at least %" PRIu64 " bytes (a tenth of the %" PRIu64
                        " that the image's file systems use, %s), but only %" PRIu64
                        " are free in the service's state folder.",
                        need_bytes,
                        used_bytes,
                        build_makes_iso(build) ? "packed and as an ISO" : "packed",
                        build->space.free_bytes);
}
