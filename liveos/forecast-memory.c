/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "liveos/forecast-memory.h"

#define MIB (UINT64_C(1024) * 1024)

uint64_t forecast_memory(const ForecastSizes *sizes, ForecastWay way) {
        uint64_t bytes = 130 * MIB + sizes->initrd_unpacked;

        if (way == FORECAST_BOOTSTRAP_FETCH)
                bytes += sizes->iso;
        return bytes / MIB * MIB;
}
