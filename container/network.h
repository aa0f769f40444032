/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The way out to the network for a container that may have one: a user-space translator (pasta, of
 * the package passt) between the container's own network namespace and the host's sockets. The
 * container sees an interface of its own; it never sees the host's loopback nor its abstract
 * sockets.
 *
 * What it does not do yet: keep the container from addresses of the local network.
 */

#include <stdint.h>
#include <sys/types.h>

#include "common/failure.h"

/* The name server that the container asks; the translator asks the host's instead. */
#define NETWORK_NAME_SERVER "169.254.1.53"

/* Connects the network namespace of process `pid`, which waits meanwhile. `owner` is the id of the
 * host that owns its user namespace; the translator runs as that. Blocks until the
 * interface is up. The translator has no privilege, and runs until network_disconnect() or the
 * caller's death; ret_pid is its process.
 * Errors: -EOPNOTSUPP when the program is not installed or does not get it up. */
int network_connect(pid_t pid, uint32_t owner, pid_t *ret_pid, Failure *reterr);

void network_disconnect(pid_t pid);
