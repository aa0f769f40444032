/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The memory that a Live OS needs, by what counts for each way of booting. That the figures are those of
 * real machines is seen in tests/boot. */

#include "tests/lib/test.h"

#include "liveos/forecast-memory.h"

#define MIB (UINT64_C(1024) * 1024)

static const ForecastSizes small = { .initrd_unpacked = 80 * MIB,
                                     .initrd = 25 * MIB,
                                     .iso = 150 * MIB };

TEST(fetching_needs_the_iso_too)
{
        ForecastSizes larger = small;

        larger.iso += 100 * MIB;
        ck_assert_uint_eq(
                        forecast_memory(&larger, FORECAST_BOOTSTRAP_FETCH),
                        forecast_memory(&small, FORECAST_BOOTSTRAP_FETCH) + 100 * MIB);
        ck_assert_uint_gt(
                        forecast_memory(&small, FORECAST_BOOTSTRAP_FETCH),
                        small.initrd_unpacked + small.iso);
        ck_assert_uint_gt(forecast_memory(&small, FORECAST_BOOTSTRAP_MEDIA), small.initrd_unpacked);
        ck_assert_uint_eq(
                        forecast_memory(&larger, FORECAST_BOOTSTRAP_MEDIA),
                        forecast_memory(&small, FORECAST_BOOTSTRAP_MEDIA));
}

/* On its server, as NFS leaves it. */
TEST(mounting_needs_no_iso)
{
        ForecastSizes larger = small;

        larger.iso += 100 * MIB;
        ck_assert_uint_eq(
                        forecast_memory(&larger, FORECAST_BOOTSTRAP_MOUNT),
                        forecast_memory(&small, FORECAST_BOOTSTRAP_MOUNT));
        ck_assert_uint_eq(
                        forecast_memory(&small, FORECAST_BOOTSTRAP_MOUNT) + small.iso,
                        forecast_memory(&small, FORECAST_BOOTSTRAP_FETCH));
}

/* Half of what the packed initrd leaves has to hold it all. */
TEST(full_os)
{
        ForecastSizes sizes = { .initrd_unpacked = 1000 * MIB, .initrd = 250 * MIB };

        ck_assert_uint_ge(
                        forecast_memory(&sizes, FORECAST_FULL_OS),
                        2 * sizes.initrd_unpacked + sizes.initrd);
}

TEST(whole_mebibytes)
{
        ForecastSizes sizes = small;

        sizes.iso++;
        for (ForecastWay way = 0; way < _FORECAST_WAY_MAX; way++)
                ck_assert_uint_eq(forecast_memory(&sizes, way) % MIB, 0);
        ck_assert_uint_eq(
                        forecast_memory(&sizes, FORECAST_BOOTSTRAP_FETCH),
                        forecast_memory(&small, FORECAST_BOOTSTRAP_FETCH) + MIB);
}
