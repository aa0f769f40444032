/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Hashing passwords. What they are checked with is another library's crypt() in tests/bus/test-e2e-os. */

#include "common/strings.h"
#include "config/config-os.h"
#include "config/config-values-os.h"
#include "liveos/password.h"
#include "tests/lib/test.h"

TEST(hashes_differ)
{
        _cleanup_free_ char *one = NULL, *two = NULL;

        assert_ok(password_hash("correct horse: \"battery\"", &one, NULL));
        assert_ok(password_hash("correct horse: \"battery\"", &two, NULL));
        ck_assert_ptr_nonnull(str_after_prefix(one, "$6$rounds=100000$"));
        ck_assert_str_ne(one, two);
        ck_assert(config_value_is_hash(one));
        ck_assert_ptr_null(strstr(one, "horse"));
}

TEST(too_long)
{
        char plain[CONFIG_MAX_SECRET_BYTES + 1];
        _cleanup_free_ char *hash = NULL;
        Failure failure = {};

        memset(plain, 'x', sizeof(plain));
        plain[CONFIG_MAX_SECRET_BYTES - 1] = '\0';
        assert_ok(password_hash(plain, &hash, &failure));
        plain[CONFIG_MAX_SECRET_BYTES - 1] = 'x';
        plain[CONFIG_MAX_SECRET_BYTES] = '\0';
        assert_errno(password_hash(plain, &hash, &failure), -EINVAL);
        ck_assert_str_eq(failure.message, "A password is too long to be hashed.");
}

static const struct {
        const char *text;
        bool is_hash;
} hashes[] = {
        { "$6$salt$0123456789abcdefABCDEF./", true },
        { "$y$j9T$abc$0123456789", true },
        { "$6$rounds=5000$salt$0123456789", true },
        { "password", false },
        { "$6$short", false },
        { "!$6$salt$0123456789abcdef", false },
        { "$6$salt$0123456789:0:0", false },
        { "$6$salt$0123456789 abc", false },
        { "$6$salt$0123456789\nroot:", false },
        { "", false },
};

TEST_ROWS(is_hash, ELEMENTSOF(hashes)) {
        ck_assert_int_eq(config_value_is_hash(hashes[_i].text), hashes[_i].is_hash);
}
