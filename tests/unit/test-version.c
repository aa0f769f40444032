/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The order of versions: every row's left side is below its right side, or the same. */

#include "tests/lib/test.h"

#include "liveos/version.h"

static const struct {
        const char *a, *b;
        int order;
} rows[] = {
        { "1", "2", -1 },
        { "9", "10", -1 },
        { "1.0", "1.0", 0 },
        { "1.0", "1.0.1", -1 },
        { "1.0", "1_0", 0 },
        { "1-0", "1.0", -1 },
        { "1.0", "1.0-0", -1 },
        { "1.0-9", "1.0.1-1", -1 },
        { "1.0-9", "1.0a-1", -1 },
        { "1.0~rc1-9", "1.0-1", -1 },
        { "1.01", "1.1", 0 },
        { "1.0~rc1", "1.0", -1 },
        { "1.0~rc1", "1.0~rc2", -1 },
        { "1.0a", "1.0b", -1 },
        { "1.0a", "1.0.1", -1 },
        { "1.0", "1.0a", -1 },
        { "a", "1", -1 },
        { "", "1", -1 },
        { "", "", 0 },
        { "~", "", -1 },
        { "a", "ab", -1 },
        { "6.1.0-9-amd64", "6.1.0-13-amd64", -1 },
        { "6.1.0-13-amd64", "6.1.0-13-cloud-amd64", -1 },
        { "5.15.184.1-2.azl3", "6.6.51.1-5.azl3", -1 },
        { "6.6.51.1-5.azl3", "6.6.57.1-1.azl3", -1 },
        { "6.6.1", "6.6.1+debug", -1 },
        { "6.6.1-300.fc39.x86_64", "6.6.1-300.fc39.x86_64+debug", -1 },
        { "6.6.51-300.fc40.x86_64", "6.6.51.1-5.azl3", -1 },
        { "99999999999999999999999998", "99999999999999999999999999", -1 },
        { "00000000000000000000000001", "1", 0 },
};

static int sign(int n) {
        return (n > 0) - (n < 0);
}

TEST_ROWS(order, ELEMENTSOF(rows)) {
        ck_assert_int_eq(sign(version_compare(rows[_i].a, rows[_i].b)), rows[_i].order);
        ck_assert_int_eq(sign(version_compare(rows[_i].b, rows[_i].a)), -rows[_i].order);
        ck_assert_int_eq(version_compare(rows[_i].a, rows[_i].a), 0);
}

/* Every component counts, however many there are on either side, whatever the distribution. */
TEST(defect_15_no_component_is_dropped)
{
        static const char *const rising[] = {
                "5.3",          "5.9.4",          "5.10.2",          "5.10.3", "5.10.3-1.azl3",
                "5.10.3-2.el9", "5.10.3-10.fc40", "5.10.3.1-1.fc40", "5.11",
        };

        for (size_t i = 0; i < sizeof(rising) / sizeof(rising[0]); i++)
                for (size_t k = 0; k < i; k++) {
                        ck_assert_int_gt(version_compare(rising[i], rising[k]), 0);
                        ck_assert_int_lt(version_compare(rising[k], rising[i]), 0);
                }
}
