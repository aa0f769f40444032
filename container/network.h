/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The way out to the network for a container that may have one:
 *
 *   container ── veth ── router ── tap ── translator (pasta, else slirp4netns) ── the host's sockets
 *
 * The translator is a process of the host without any privilege. The container sees an interface
 * of its own; it never sees the host's loopback nor its abstract sockets, and no address that is
 * guarded (network-guard.h). If the translator dies, nothing gets out.
 *
 * What it cannot know: an address that the host is given while the container runs, and public
 * addresses behind which something private stands. Names are resolved by the host's resolver; that a
 * name leads to a guarded address does not open it.
 */

#include <stdint.h>
#include <sys/types.h>

#include "common/failure.h"

/* Connects the network namespace of process `pid`, which waits meanwhile. `owner` is the id of the
 * host that owns its user namespace; the translator runs as that. `allow` lists the guarded ranges
 * that the administrator lets through, separated by commas; NULL for none. Blocks until the
 * interface is up. The translator runs until network_disconnect() or the caller's death; ret_pid is
 * its process.
 * Errors: -EOPNOTSUPP when a program is not installed or does not get it up. */
int network_connect(pid_t pid, uint32_t owner, const char *allow, pid_t *ret_pid, Failure *reterr);

void network_disconnect(pid_t pid);
