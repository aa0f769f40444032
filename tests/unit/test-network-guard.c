/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "container/network-guard.h"

#include "common/strings.h"
#include "tests/lib/test.h"

static char *lines_of(const char *own, const char *allow, bool ipv6, bool router) {
        _cleanup_free_ Cidr *own_list = NULL, *allow_list = NULL;
        NetworkGuard guard = { .ipv6 = ipv6 };
        Buffer text = {};

        assert_ok(network_guard_read(own, &own_list, &guard.n_own));
        assert_ok(network_guard_read(allow, &allow_list, &guard.n_allow));
        guard.own = own_list;
        guard.allow = allow_list;
        if (router)
                assert_ok(network_guard_router(&guard, "/proc/self/fd/3", &text));
        else
                assert_ok(network_guard_inside(&guard, &text));
        return buffer_take(&text);
}

/* The whole of it, as it was reviewed. */
static const char
                golden_router[] = "link set lo up\n"
                                  "link add inside type veth peer name eth0 netns /proc/self/fd/3\n"
                                  "link set inside addrgenmode none mtu 65520\n"
                                  "addr add 192.0.0.1/32 dev inside\n"
                                  "addr add fe80::1/64 dev inside nodad\n"
                                  "link set inside up\n"
                                  "route add 192.0.0.4/32 dev inside\n"
                                  "route add fd70:7865:6400::4/128 dev inside\n"
                                  "link set tap addrgenmode none multicast off mtu 65520\n"
                                  "addr add fe80::1/64 dev tap nodad\n"
                                  "link set tap up\n"
                                  "route replace unreachable 0.0.0.0/8\n"
                                  "route replace unreachable 10.0.0.0/8\n"
                                  "route replace unreachable 100.64.0.0/10\n"
                                  "route replace unreachable 127.0.0.0/8\n"
                                  "route replace unreachable 169.254.0.0/16\n"
                                  "route replace unreachable 172.16.0.0/12\n"
                                  "route replace unreachable 192.0.0.0/24\n"
                                  "route replace unreachable 192.88.99.0/24\n"
                                  "route replace unreachable 192.168.0.0/16\n"
                                  "route replace unreachable 198.18.0.0/15\n"
                                  "route replace unreachable 224.0.0.0/4\n"
                                  "route replace unreachable 240.0.0.0/4\n"
                                  "route replace unreachable 2001::/32\n"
                                  "route replace unreachable 2002::/16\n"
                                  "route replace 192.0.0.3 via 192.0.0.2 dev tap onlink\n"
                                  "route replace unreachable 203.0.113.7/32\n"
                                  "route replace unreachable 2001:db8::7/128\n"
                                  "route replace default via 192.0.0.2 dev tap onlink\n"
                                  "route replace 2000::/3 via fe80::2 dev tap\n";

TEST(router_lets_nothing_through)
{
        _cleanup_free_ char *text = lines_of(
                        "203.0.113.7,2001:db8::7,192.0.0.2,fe80::2",
                        NULL,
                        /* ipv6= */ true,
                        /* router= */ true);

        ck_assert_str_eq(text, golden_router);
}

static const struct {
        const char *own;
        const char *allow;
        bool ipv6;
        const char *line;
        bool there;
} rows[] = {
        { NULL, NULL, false, "via fe80::1", false },
        { NULL, NULL, true, "route replace 2000::/3 via fe80::1 dev eth0\n", true },
        { NULL, NULL, true, "route replace default via 192.0.0.1 dev eth0 onlink\n", true },
        /* Within a guarded range: a way over the wall. */
        { NULL, "10.1.0.0/16", false, "unreachable 10.0.0.0/8\n", true },
        { NULL, "10.1.0.0/16", false, "replace 10.1.0.0/16 via 192.0.0.1 dev eth0 onlink\n", true },
        /* Around a guarded range: no wall. */
        { NULL, "10.0.0.0/7", false, "unreachable 10.0.0.0/8\n", false },
        { NULL, "10.0.0.0/8", false, "unreachable 10.0.0.0/8\n", false },
        { NULL, "fd00::/8", true, "replace fd00::/8 via fe80::1 dev eth0\n", true },
        { NULL, "fd00::/8", false, "fd00::/8", false },
        /* The host itself. */
        { "10.1.0.5", "10.1.0.0/16", false, "unreachable 10.1.0.5/32\n", true },
        { "10.1.0.5", "10.1.0.5/32", false, "unreachable 10.1.0.5/32\n", false },
        { "10.1.0.5", "10.1.0.5", false, "replace 10.1.0.5/32 via", true },
        { "fd00::5", "fd00::/8", true, "unreachable fd00::5/128\n", true },
};

TEST_ROWS(walls_and_ways, ELEMENTSOF(rows)) {
        _cleanup_free_ char *text = lines_of(
                        rows[_i].own,
                        rows[_i].allow,
                        rows[_i].ipv6,
                        /* router= */ false);

        ck_assert_msg((strstr(text, rows[_i].line) != NULL) == rows[_i].there,
                      "%s in\n%s",
                      rows[_i].line,
                      text);
}

TEST(lists)
{
        _cleanup_free_ char *many = strdup("10.0.0.1");
        _cleanup_free_ Cidr *list = NULL;
        size_t n;

        assert_ok(network_guard_read("", &list, &n));
        ck_assert_uint_eq(n, 0);
        assert_errno(network_guard_read("10.0.0.0/8,x", &list, &n), -EINVAL);
        for (unsigned i = 0; i < NETWORK_ALLOW_MAX; i++) {
                char *longer = str_printf("%s,10.0.0.1", many);

                free(many);
                many = longer;
        }
        assert_errno(network_guard_read(many, &list, &n), -EINVAL);
}

TEST(own_addresses)
{
        _cleanup_free_ Cidr *own = NULL;
        bool loopback = false;
        Cidr expected;
        size_t n;

        assert_ok(cidr_parse("127.0.0.1", &expected));
        assert_ok(network_guard_own(&own, &n));
        for (size_t i = 0; i < n; i++)
                loopback |= cidr_equal(&own[i], &expected);
        ck_assert(loopback);
}
