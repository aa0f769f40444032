/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What was found by booting with less and less: a small initrd lies unpacked in memory, beside it the ISO
 * where that is fetched, and then kernel and first processes need their part. A full-os is unpacked into a
 * tmpfs, which may take half of what the kernel has when that is mounted: all but itself and the packed
 * initrd. What does not fit is left out with a line on the console, and the boot goes on.
 */

#include "liveos/forecast-memory.h"

#define MIB (UINT64_C(1024) * 1024)

/* Kernel and userspace up to the login, with what of their files has to stay in memory. From a disc, what the
 * firmware and GRUB hold at once counts for more than that: with less, GRUB runs out. */
#define RUNNING_BYTES           (140 * MIB)
#define RUNNING_FROM_DISC_BYTES (190 * MIB)
/* What a system that starts writes into its root. */
#define WRITTEN_BYTES (8 * MIB)
/* What the firmware keeps, and the kernel from its beginning on: so much, and its tables of pages beside, 64
 * bytes for each of 4096. */
#define RESERVED_BYTES  (130 * MIB)
#define PAGES_FOR_TABLE 64

uint64_t forecast_memory(const ForecastSizes *sizes, ForecastWay way) {
        uint64_t bytes = sizes->initrd_unpacked;

        if (way == FORECAST_BOOTSTRAP_MEDIA)
                bytes += RUNNING_FROM_DISC_BYTES;
        if (way == FORECAST_BOOTSTRAP_MOUNT)
                bytes += RUNNING_BYTES;
        if (way == FORECAST_BOOTSTRAP_FETCH)
                bytes += RUNNING_BYTES + sizes->iso;
        if (way == FORECAST_FULL_OS) {
                bytes = 2 * (sizes->initrd_unpacked + WRITTEN_BYTES) + sizes->initrd +
                        RESERVED_BYTES;
                bytes += bytes / PAGES_FOR_TABLE;
        }
        return (bytes + MIB - 1) / MIB * MIB;
}
