/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The router between a container and the translator: a network namespace of its own in which no
 * process lives, so that nobody there can be talked into anything. It lasts as long as the
 * translator, which holds its device.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/failure.h"

typedef struct NetworkRouter {
        uint32_t owner;    /* the id of the host that owns the user namespace */
        int userns_fd;     /* the container's; all borrowed */
        int netns_fd;      /* the router's */
        int inside_fd;     /* the container's network namespace */
        bool ipv6;         /* the translator knows IPv6 */
        const char *allow; /* what the administrator lists, separated by commas; or NULL */
} NetworkRouter;

/* A network namespace that belongs to the user namespace, empty. Returns a descriptor. */
int network_router_new(uint32_t owner, int userns_fd);

/* Connects router and container and sets the routes of both. The translator's device is there
 * already. Blocks for the run of two programs. Errors: -EOPNOTSUPP when the program `ip`, of the
 * package iproute2, is missing or refuses. */
int network_router_set_up(const NetworkRouter *router, Failure *reterr);
