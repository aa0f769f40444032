/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ISO, by xorriso. Its tree is made of hard links, so that each byte is written once. */

#include "liveos/iso.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "common/strings.h"
#include "liveos/media.h"
#include "liveos/places.h"
#include "liveos/run.h"

static int link_rootfs(Failure *reterr) {
        const MediumNames names = {};
        _cleanup_free_ char *path = NULL;
        int r = medium_path(MEDIUM_ISO, MEDIUM_ROOTFS, &names, &path);

        return r < 0 ? r : media_link(MEDIA_ROOTFS, MEDIA_ISO, path, reterr);
}

/* xorriso takes the volume's own dates from the environment, but no file's. */
static int write_iso(const Build *build, Failure *reterr) {
        _cleanup_free_ char *date = str_printf("=%" PRIu32, build->order->source_date_epoch);
        bool is_dated = build->order->source_date_epoch > 0;
        /* The options say, line by line: names; the EFI system partition behind the file system, as
         * partition 2 of a GPT; the same bytes as El Torito's boot image. */
        /* clang-format off */
        const char *const argv[] = {
                "xorriso", "-as", "mkisofs",
                "-o", PLACE_OUT "/" ARTIFACT_ISO,
                "-V", build_volume_id(build), "-iso-level", "3", "-R", "-J", "-joliet-long",
                "-partition_offset", "16",
                "-append_partition", "2", "0xef", MEDIA_EFIBOOT, "-appended_part_as_gpt",
                "-eltorito-alt-boot", "-e", "--interval:appended_partition_2:all::", "-no-emul-boot",
                MEDIA_ISO, is_dated ? "--set_all_file_dates" : NULL, date, NULL,
        };
        /* clang-format on */

        return date ? run_tool(build->report_fd, argv, reterr) : -ENOMEM;
}

int stage_iso(Build *build, Failure *reterr) {
        int r = media_link_initrds(build, MEDIUM_ISO, reterr);

        if (r >= 0 && build->initramfs == INITRAMFS_BOOTSTRAP)
                r = link_rootfs(reterr);
        return r < 0 ? r : write_iso(build, reterr);
}
