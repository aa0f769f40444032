/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The kernel takes the longest prefix, so the table says "unreachable" for each guarded range and
 * a listed one lies over it as a route of its own. IPv6 needs no more than the few ranges within
 * 2000::/3, since only for that one there is a route at all.
 *
 * Both namespaces get the same routes. The container's make a connection fail at once; but a socket
 * may be bound to the interface (SO_BINDTODEVICE, IP_UNICAST_IF, IP_PKTINFO), and then the kernel sends
 * over it where it has no route. The router's are the wall:
 * what it forwards has no socket there whose options could count. That is also why it is a
 * namespace of its own and not one more routing table.
 */

#include "container/network-guard.h"

#include <assert.h>
#include <errno.h>
#include <ifaddrs.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/strings.h"

/* The largest packet that pasta carries: fewer of them cost less. */
#define MTU "65520"

static const char *const guarded[] = {
        "0.0.0.0/8",      /* "this network": some kernels take it for this host */
        "10.0.0.0/8",     /* private */
        "100.64.0.0/10",  /* shared behind carriers' translators */
        "127.0.0.0/8",    /* loopback */
        "169.254.0.0/16", /* link-local, and metadata of clouds */
        "172.16.0.0/12",  /* private */
        "192.0.0.0/24",   /* protocols' own, ours among them */
        "192.88.99.0/24", /* 6to4 relays */
        "192.168.0.0/16", /* private */
        "198.18.0.0/15",  /* benchmarks */
        "224.0.0.0/4",    /* multicast */
        "240.0.0.0/4",    /* reserved, broadcast */
        "2001::/32",      /* Teredo: an IPv4 address within */
        "2002::/16",      /* 6to4: an IPv4 address within */
};

/* The host may have addresses there that are ours within: nobody gets to them anyway. */
static const char *const ours[] = { "192.0.0.0/24", "fe80::/10" };

/* How the three are connected, before there is a route. */
static const char *const router_lines[] = {
        "link set " NETWORK_INSIDE " addrgenmode none mtu " MTU,
        "addr add " NETWORK_ROUTER "/32 dev " NETWORK_INSIDE,
        "addr add fe80::1/64 dev " NETWORK_INSIDE " nodad",
        "link set " NETWORK_INSIDE " up",
        "route add " NETWORK_CONTAINER "/32 dev " NETWORK_INSIDE,
        "route add " NETWORK_CONTAINER_6 "/128 dev " NETWORK_INSIDE,
        /* The translator takes the last sender for its guest, so the router itself says nothing. */
        "link set " NETWORK_TAP " addrgenmode none multicast off mtu " MTU,
        "addr add fe80::1/64 dev " NETWORK_TAP " nodad",
        "link set " NETWORK_TAP " up",
};

static const char *const inside_lines[] = {
        "link set lo up",
        "link set eth0 addrgenmode none mtu " MTU,
        "addr add " NETWORK_CONTAINER "/32 dev eth0",
        "addr add fe80::4/64 dev eth0 nodad",
        "addr add " NETWORK_CONTAINER_6 "/128 dev eth0 nodad",
        "link set eth0 up",
};

typedef struct Way {
        const char *gateway;
        const char *gateway_6;
        const char *device;
} Way;

static int add_lines(Buffer *text, const char *const *lines, size_t n_lines) {
        for (size_t i = 0; i < n_lines; i++)
                if (buffer_printf(text, "%s\n", lines[i]) < 0)
                        return -ENOMEM;
        return 0;
}

static int add_way(Buffer *text, int family, const char *range, const Way *way) {
        return family == AF_INET ? buffer_printf(text,
                                                 "route replace %s via %s dev %s onlink\n",
                                                 range,
                                                 way->gateway,
                                                 way->device)
                                 : buffer_printf(text,
                                                 "route replace %s via %s dev %s\n",
                                                 range,
                                                 way->gateway_6,
                                                 way->device);
}

static int add_wall(Buffer *text, const Cidr *range) {
        char name[CIDR_TEXT_MAX];

        cidr_format(range, name);
        return buffer_printf(text, "route replace unreachable %s\n", name);
}

static bool is_allowed_whole(const NetworkGuard *guard, const Cidr *range) {
        for (size_t i = 0; i < guard->n_allow; i++)
                if (cidr_contains(&guard->allow[i], range))
                        return true;
        return false;
}

static bool is_allowed_itself(const NetworkGuard *guard, const Cidr *address) {
        for (size_t i = 0; i < guard->n_allow; i++)
                if (cidr_equal(&guard->allow[i], address))
                        return true;
        return false;
}

static int add_walls(const NetworkGuard *guard, Buffer *text) {
        Cidr range;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(guarded); i++) {
                r = cidr_parse(guarded[i], &range);
                assert(r >= 0);
                if (!is_allowed_whole(guard, &range))
                        r = add_wall(text, &range);
        }
        return r;
}

static bool is_ours(const Cidr *address) {
        Cidr range;

        for (size_t i = 0; i < ELEMENTSOF(ours); i++)
                if (cidr_parse(ours[i], &range) >= 0 && cidr_contains(&range, address))
                        return true;
        return false;
}

static int add_own(const NetworkGuard *guard, Buffer *text) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < guard->n_own; i++)
                if (!is_ours(&guard->own[i]) && !is_allowed_itself(guard, &guard->own[i]))
                        r = add_wall(text, &guard->own[i]);
        return r;
}

static int add_ways(const NetworkGuard *guard, const Way *way, Buffer *text) {
        char name[CIDR_TEXT_MAX];
        int r = 0;

        for (size_t i = 0; r >= 0 && i < guard->n_allow; i++) {
                if (guard->allow[i].family == AF_INET6 && !guard->ipv6)
                        continue;
                cidr_format(&guard->allow[i], name);
                r = add_way(text, guard->allow[i].family, name, way);
        }
        if (r >= 0)
                r = add_way(text, AF_INET, NETWORK_NAME_SERVER, way);
        return r;
}

/* The ways to everywhere come last: before them nothing gets out. */
static int add_routes(const NetworkGuard *guard, const Way *way, Buffer *text) {
        int r = add_walls(guard, text);

        if (r >= 0)
                r = add_ways(guard, way, text);
        if (r >= 0)
                r = add_own(guard, text);
        if (r >= 0)
                r = add_way(text, AF_INET, "default", way);
        if (r >= 0 && guard->ipv6)
                r = add_way(text, AF_INET6, "2000::/3", way);
        return r;
}

int network_guard_router(const NetworkGuard *guard, const char *inside_netns, Buffer *text) {
        const Way way = { NETWORK_GATEWAY, "fe80::2", NETWORK_TAP };
        int r;

        r = buffer_printf(
                        text,
                        "link set lo up\n"
                        "link add " NETWORK_INSIDE " type veth peer name eth0 netns %s\n",
                        inside_netns);
        if (r >= 0)
                r = add_lines(text, router_lines, ELEMENTSOF(router_lines));
        return r < 0 ? r : add_routes(guard, &way, text);
}

int network_guard_inside(const NetworkGuard *guard, Buffer *text) {
        const Way way = { NETWORK_ROUTER, "fe80::1", "eth0" };
        int r = add_lines(text, inside_lines, ELEMENTSOF(inside_lines));

        return r < 0 ? r : add_routes(guard, &way, text);
}

int network_guard_own(Cidr **ret_own, size_t *ret_n_own) {
        struct ifaddrs *list = NULL;
        size_t n_items = 0, n = 0;
        Cidr *own;

        if (getifaddrs(&list) < 0)
                return -errno;
        for (const struct ifaddrs *item = list; item; item = item->ifa_next)
                n_items++;
        own = calloc(n_items + 1, sizeof(*own));
        for (const struct ifaddrs *item = list; own && item; item = item->ifa_next)
                if (item->ifa_addr && cidr_from_socket_address(item->ifa_addr, &own[n]) >= 0)
                        n++;
        freeifaddrs(list);
        if (!own)
                return -ENOMEM;
        *ret_own = own;
        *ret_n_own = n;
        return 0;
}

int network_guard_read(const char *list, Cidr **ret_allow, size_t *ret_n_allow) {
        _cleanup_strv_ char **words = strv_split(list ? list : "", ",");
        _cleanup_free_ Cidr *allow = NULL;
        size_t n = 0;

        if (!words)
                return -ENOMEM;
        if (strv_length(words) > NETWORK_ALLOW_MAX)
                return -EINVAL;
        allow = calloc(strv_length(words) + 1, sizeof(*allow));
        if (!allow)
                return -ENOMEM;
        STRV_FOREACH(word, words)
                if (cidr_parse(*word, &allow[n++]) < 0)
                        return -EINVAL;
        *ret_allow = TAKE_PTR(allow);
        *ret_n_allow = n;
        return 0;
}
