/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The squashfs, by mksquashfs. Our defaults are a tenth of its own time for a tenth more size. */

#include "liveos/rootfs.h"

#include <assert.h>
#include <errno.h>

#include "common/strings.h"
#include "liveos/iso-tree.h"
#include "liveos/places.h"
#include "liveos/run.h"

#define SQUASHFS_BLOCK "1M"

/* How mksquashfs spells a compressor's level, and which is ours. */
static const struct {
        const char *compressor;
        const char *option; /* NULL: it has no levels */
        uint32_t level;
} compressors[] = {
        { "zstd", "-Xcompression-level", 9 },
        { "gzip", "-Xcompression-level", 6 },
        { "lzo", "-Xcompression-level", 8 },
        { "xz", NULL, 0 },
        { "lz4", NULL, 0 },
};

bool rootfs_wanted(const Build *build) {
        return build->initramfs == INITRAMFS_BOOTSTRAP;
}

const char *rootfs_compressor(const Order *order) {
        return order->compressor ? order->compressor : compressors[0].compressor;
}

static int add_compressor(const Order *order, char ***argv) {
        const char *name = rootfs_compressor(order);

        for (size_t i = 0; i < ELEMENTSOF(compressors); i++) {
                uint32_t level = order->compression_level;
                int r;

                if (!str_equal(compressors[i].compressor, name))
                        continue;
                r = strv_append(argv, "-comp");
                if (r >= 0)
                        r = strv_append(argv, name);
                if (r < 0 || !compressors[i].option)
                        return r;
                r = strv_append(argv, compressors[i].option);
                if (r >= 0)
                        r = strv_append_take(
                                        argv,
                                        str_printf("%u", level > 0 ? level : compressors[i].level));
                return r;
        }
        assert(!"the order was checked");
        return -EINVAL;
}

/* Else it leaves out what it cannot read, or puts an empty file there, and ends well. */
#define WHOLE_OR_NOTHING "-exit-on-error"

int rootfs_pack(const Build *build, const char *from_path, const char *to_path, Failure *reterr) {
        const char *const fixed[] = {
                "mksquashfs",   from_path,        to_path,        "-b",
                SQUASHFS_BLOCK, "-noappend",      "-no-progress", "-quiet",
                "-xattrs",      WHOLE_OR_NOTHING, NULL,
        };
        _cleanup_strv_ char **argv = NULL;
        int r = strv_append_all(&argv, (char *const *) fixed);

        if (r >= 0)
                r = add_compressor(build->order, &argv);
        return r < 0 ? r : run_tool(build->report_fd, (const char *const *) argv, reterr);
}

int stage_rootfs(Build *build, Failure *reterr) {
        int r;

        if (iso_tree_is_reused(build))
                return iso_tree_reuse_rootfs(build, reterr);
        r = rootfs_pack(build, PLACE_LIVE, MEDIA_ROOTFS, reterr);
        if (r == -EIO)
                failure_prefix(reterr,
                               "The image's root cannot be packed; every file of it has to be readable, which those with owners above 65535 are not: ");
        return r;
}
