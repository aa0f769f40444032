/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "common/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "tests/lib/test.h"

static const struct {
        const char *text;
        const char *again; /* NULL: refused */
} texts[] = {
        { "10.0.0.0/8", "10.0.0.0/8" },
        { "10.1.2.3", "10.1.2.3/32" },
        { "0.0.0.0/0", "0.0.0.0/0" },
        { "10.128.0.0/9", "10.128.0.0/9" },
        { "fd00:0:0::/8", "fd00::/8" },
        { "::1", "::1/128" },
        { "2001:DB8::/33", "2001:db8::/33" },
        { "", NULL },
        { "/", NULL },
        { "10.0.0.0/", NULL },
        { "10.0.0.0/33", NULL },
        { "10.0.0.0/08x", NULL },
        { "10.0.0.0/-1", NULL },
        { "10.0.0.1/8", NULL },
        { "10.0.0/8", NULL },
        { "010.0.0.0/8", NULL },
        { "fd00::/129", NULL },
        { "fd00::1/64", NULL },
        { "fe80::1%eth0", NULL },
        { "10.0.0.0/8 ", NULL },
        { "10.0.0.0/8,11.0.0.0/8", NULL },
        { "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/32", NULL },
};

TEST_ROWS(reads_and_writes, ELEMENTSOF(texts)) {
        char text[CIDR_TEXT_MAX];
        Cidr cidr;

        if (!texts[_i].again) {
                assert_errno(cidr_parse(texts[_i].text, &cidr), -EINVAL);
                return;
        }
        assert_ok(cidr_parse(texts[_i].text, &cidr));
        cidr_format(&cidr, text);
        ck_assert_str_eq(text, texts[_i].again);
}

static const struct {
        const char *a;
        const char *b;
        bool a_contains_b;
        bool b_contains_a;
} pairs[] = {
        { "10.0.0.0/8", "10.9.0.0/16", true, false },
        { "10.0.0.0/8", "10.0.0.0/8", true, true },
        { "10.0.0.0/9", "10.128.0.0/9", false, false },
        { "0.0.0.0/0", "255.255.255.255", true, false },
        { "::/0", "10.0.0.0/8", false, false },
        { "::/0", "fd00::1", true, false },
        { "fc00::/7", "fdff::/16", true, false },
        { "fc00::/7", "fe00::/16", false, false },
};

TEST_ROWS(contains, ELEMENTSOF(pairs)) {
        Cidr a, b;

        assert_ok(cidr_parse(pairs[_i].a, &a));
        assert_ok(cidr_parse(pairs[_i].b, &b));
        ck_assert_int_eq(cidr_contains(&a, &b), pairs[_i].a_contains_b);
        ck_assert_int_eq(cidr_contains(&b, &a), pairs[_i].b_contains_a);
        ck_assert_int_eq(cidr_overlaps(&a, &b), pairs[_i].a_contains_b || pairs[_i].b_contains_a);
        ck_assert_int_eq(cidr_equal(&a, &b), pairs[_i].a_contains_b && pairs[_i].b_contains_a);
}

TEST(socket_addresses)
{
        struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201) };
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
        struct sockaddr other = { .sa_family = AF_UNIX };
        char text[CIDR_TEXT_MAX];
        Cidr cidr;

        assert_ok(cidr_from_socket_address((struct sockaddr *) &v4, &cidr));
        cidr_format(&cidr, text);
        ck_assert_str_eq(text, "192.0.2.1/32");
        assert_ok(cidr_from_socket_address((struct sockaddr *) &v6, &cidr));
        cidr_format(&cidr, text);
        ck_assert_str_eq(text, "::1/128");
        assert_errno(cidr_from_socket_address(&other, &cidr), -EAFNOSUPPORT);
}
