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
        { "1.0", "1-0", 0 },
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
