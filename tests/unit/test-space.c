/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an artifact needs at the least. */

#include <inttypes.h>

#include "liveos/space.h"
#include "tests/lib/test.h"

#define MIB (UINT64_C(1024) * 1024)

static const struct {
        uint64_t used_bytes;
        bool makes_iso;
        uint64_t least, most;
} estimates[] = {
        { 0, false, 0, 0 },
        { 0, true, 0, 0 },
        { 1000 * MIB, false, 100 * MIB, 100 * MIB },
        { 1000 * MIB, true, 200 * MIB, 200 * MIB },
        /* Of sizes that no image has, still a bound and no small number. */
        { UINT64_MAX, false, UINT64_MAX / 11, UINT64_MAX },
        { UINT64_MAX, true, UINT64_MAX / 11, UINT64_MAX },
};

TEST_ROWS(estimate, ELEMENTSOF(estimates)) {
        uint64_t bytes = space_estimate(estimates[_i].used_bytes, estimates[_i].makes_iso);

        ck_assert_msg(bytes >= estimates[_i].least && bytes <= estimates[_i].most,
                      "%" PRIu64,
                      bytes);
}

/* More in the image never needs less. */
TEST(estimate_grows)
{
        uint64_t before = 0;

        for (uint64_t used = 1; used < UINT64_MAX / 4; used *= 3) {
                uint64_t bytes = space_estimate(used, /* makes_iso= */ true);

                ck_assert_uint_ge(bytes, before);
                ck_assert_uint_ge(bytes, space_estimate(used, /* makes_iso= */ false));
                before = bytes;
        }
}
