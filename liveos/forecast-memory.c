/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What was found by booting with less and less: a small initrd lies unpacked in memory, beside it the ISO
 * when that is fetched, and then kernel and first processes need their part. A full-os is unpacked into a
 * tmpfs, which takes half of the memory at most (the kernel's default for it).
 */

#include "liveos/forecast-memory.h"

#define MIB (UINT64_C(1024) * 1024)

/* Kernel and userspace up to the login, with what of their files has to stay in memory. */
#define RUNNING_BYTES (180 * MIB)
/* What a system that starts writes into its root. */
#define WRITTEN_BYTES (8 * MIB)

static uint64_t needed(const ForecastSizes *sizes, ForecastWay way) {
        switch (way) {
        case FORECAST_FULL_OS:
                return 2 * (sizes->initrd_unpacked + WRITTEN_BYTES);
        case FORECAST_BOOTSTRAP_FETCH:
                return RUNNING_BYTES + sizes->initrd_unpacked + sizes->iso;
        case FORECAST_BOOTSTRAP_MEDIA:
        default:
                return RUNNING_BYTES + sizes->initrd_unpacked;
        }
}

uint64_t forecast_memory(const ForecastSizes *sizes, ForecastWay way) {
        uint64_t bytes = needed(sizes, way),
                 running = RUNNING_BYTES + sizes->initrd_unpacked + sizes->initrd;

        /* While a full-os is unpacked, it is there in both forms. */
        if (way == FORECAST_FULL_OS && running > bytes)
                bytes = running;
        return (bytes + MIB - 1) / MIB * MIB;
}
