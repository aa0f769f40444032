/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The device node through which a process without privilege makes a network interface. */

/* Where nobody but root may open /dev/net/tun, the calling process gets a node of its own there: what
 * can be done with it is decided by the network namespace, not by the node. It leaves the mount namespace
 * of its parent for that. Part of the mounter. Errors: of mount calls and mknod(2). */
int tun_provide(void);
