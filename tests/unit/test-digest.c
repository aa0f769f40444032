/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SHA-256, by the examples of FIPS 180-2 and of a file larger than one read. */

#include "tests/lib/test.h"

#include "common/digest.h"

static const struct {
        const char *data, *digest;
} examples[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

TEST_ROWS(examples, ELEMENTSOF(examples)) {
        _cleanup_close_ int fd = test_file(examples[_i].data, strlen(examples[_i].data));
        char digest[DIGEST_SIZE];

        digest_bytes(examples[_i].data, strlen(examples[_i].data), digest);
        ck_assert_str_eq(digest, examples[_i].digest);
        memset(digest, 0, sizeof(digest));
        ck_assert_int_eq(lseek(fd, 0, SEEK_END), (off_t) strlen(examples[_i].data));
        assert_ok(digest_file(fd, digest)); /* from the start all the same */
        ck_assert_str_eq(digest, examples[_i].digest);
}

TEST(a_million_letters)
{
        _cleanup_free_ char *data = malloc(1000000);
        _cleanup_close_ int fd = -EBADF;
        char digest[DIGEST_SIZE];

        memset(data, 'a', 1000000);
        fd = test_file(data, 1000000);
        assert_ok(digest_file(fd, digest));
        ck_assert_str_eq(
                        digest,
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(what_cannot_be_read)
{
        char digest[DIGEST_SIZE];

        assert_errno(digest_file(-EBADF, digest), -EBADF);
}
