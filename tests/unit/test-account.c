/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Accounts in the text of an image. */

#include "liveos/account.h"
#include "tests/lib/test.h"

#define PASSWD                                    \
        "root:x:0:0:root:/root:/bin/sh\n"         \
        "foobar:x:7:8::/home/foobar:\n"           \
        "short:x:1:1:/home/short\n"               \
        "minus:x:-1:1::/:\n"                      \
        "huge:x:4294967295:1::/:\n"               \
        "word:x:1a:1::/:\n"                       \
        "long:x:00000000000000001:1::/:\n"        \
        "foo:x:5:6:a comment:/home/foo:/bin/sh\n" \
        "foo:x:9:9::/second:\n"                   \
        "+nis::::::\n"                            \
        "last:x:1:2::/l:/s"

static const struct {
        const char *name;
        uid_t uid;
        gid_t gid;
        const char *home; /* NULL when there is no such user */
} users[] = {
        { "root", 0, 0, "/root" }, { "foo", 5, 6, "/home/foo" }, { "foobar", 7, 8, "/home/foobar" },
        { "last", 1, 2, "/l" },    { "fo", 0, 0, NULL },         { "short", 0, 0, NULL },
        { "minus", 0, 0, NULL },   { "huge", 0, 0, NULL },       { "word", 0, 0, NULL },
        { "long", 0, 0, NULL },    { "+nis", 0, 0, NULL },       { "", 0, 0, NULL },
};

TEST_ROWS(users, ELEMENTSOF(users)) {
        _cleanup_account_ Account account = {};
        int r = account_find_user(PASSWD, users[_i].name, &account);

        ck_assert_int_eq(r, users[_i].home != NULL);
        ck_assert_pstr_eq(account.home, users[_i].home);
        ck_assert_uint_eq(account.uid, users[_i].uid);
        ck_assert_uint_eq(account.gid, users[_i].gid);
}

static const struct {
        const char *text, *name;
        int found;
        gid_t gid;
} groups[] = {
        { "wheel:x:10:a,b\n", "wheel", 1, 10 },
        { "a:x:1:\nwheel:x:10", "wheel", 1, 10 },
        { "\n\nwheel::10:\n", "wheel", 1, 10 },
        { "wheel\n", "wheel", 0, 0 },
        { "wheel:x:\n", "wheel", 0, 0 },
        { "wheel2:x:1:\n", "wheel", 0, 0 },
        { "", "wheel", 0, 0 },
};

TEST_ROWS(groups, ELEMENTSOF(groups)) {
        gid_t gid = 0;

        ck_assert_int_eq(
                        account_find_group(groups[_i].text, groups[_i].name, &gid),
                        groups[_i].found);
        ck_assert_uint_eq(gid, groups[_i].gid);
}
