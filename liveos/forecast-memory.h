/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The memory that a machine needs to boot a Live OS to its login: what lies in memory at the worst moment
 * of the boot. What users then do with it comes on top. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "liveos/forecast-size.h"

/* How the Live OS gets to its root. */
typedef enum ForecastWay {
        FORECAST_FULL_OS,         /* the initrd is the root */
        FORECAST_BOOTSTRAP_MEDIA, /* a small initrd, the rest stays on the medium */
        FORECAST_BOOTSTRAP_MOUNT, /* a small initrd, the ISO stays on its server */
        FORECAST_BOOTSTRAP_FETCH, /* a small initrd, the ISO is fetched into memory */
        _FORECAST_WAY_MAX,
        _FORECAST_WAY_INVALID = -22, /* -EINVAL */
} ForecastWay;

/* In bytes, a multiple of 1 MiB. */
uint64_t forecast_memory(const ForecastSizes *sizes, ForecastWay way);
