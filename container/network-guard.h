/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where a container with a network may not go: the routes of the router between it and the host,
 * and its own, as lines for `ip -batch`. Pure but for network_guard_own().
 *
 * Guarded is what is not a public address (this host's loopback, private and shared ranges,
 * link-local with the clouds' metadata, translated and tunnelled forms of IPv4, multicast), and
 * every address of the host itself, where services listen that mean only their neighbours. A range
 * that the administrator lists is let through; an address of the host only when it is listed by
 * itself ("192.0.2.7", not the network that it is in).
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"
#include "common/cidr.h"

/* How the three find each other. IPv4 from a range that RFC 7335 sets aside for translators on the
 * host itself, so that it is no network of anybody. */
#define NETWORK_ROUTER      "192.0.0.1"
#define NETWORK_GATEWAY     "192.0.0.2" /* the translator, seen from the router */
#define NETWORK_CONTAINER   "192.0.0.4"
#define NETWORK_CONTAINER_6 "fd70:7865:6400::4"

/* The name server that the container asks; the translator asks the host's instead. */
#define NETWORK_NAME_SERVER "192.0.0.3"

/* Interfaces of the router: to the container, in which the other end is "eth0", and to the
 * translator. */
#define NETWORK_INSIDE "inside"
#define NETWORK_TAP    "tap"

#define NETWORK_ALLOW_MAX 64u

typedef struct NetworkGuard {
        const Cidr *own; /* the host's addresses */
        size_t n_own;
        const Cidr *allow; /* what the administrator lists */
        size_t n_allow;
        bool ipv6; /* the host has a way out by IPv6 */
} NetworkGuard;

/* All addresses of all interfaces of the namespace that this process is in. Caller frees. */
int network_guard_own(Cidr **ret_own, size_t *ret_n_own);

/* Reads a list separated by commas; NULL and "" are the empty one. Caller frees. Errors: -EINVAL
 * when one is no range of addresses or there are more than NETWORK_ALLOW_MAX. */
int network_guard_read(const char *list, Cidr **ret_allow, size_t *ret_n_allow);

/* Lines for the router's namespace, `inside_netns` being a path of the container's; and for the
 * container's. Errors: -ENOMEM. */
int network_guard_router(const NetworkGuard *guard, const char *inside_netns, Buffer *text);
int network_guard_inside(const NetworkGuard *guard, Buffer *text);
