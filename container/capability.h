/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The three sets of capabilities in the container. All count in its user namespace only.
 */

#include <linux/capability.h>
#include <stdint.h>

#define CAPABILITY(name) (UINT64_C(1) << (name))

/* Code of the image: what a package manager and its scripts need of root. No mounts, no devices, no raw
 * sockets: with those come marks and foreign addresses, which rules of the network would believe. */
#define CAPABILITIES_IMAGE                                                                        \
        (CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_DAC_READ_SEARCH) | \
         CAPABILITY(CAP_FOWNER) | CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_KILL) |                 \
         CAPABILITY(CAP_SETGID) | CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETPCAP) |              \
         CAPABILITY(CAP_SETFCAP) | CAPABILITY(CAP_SYS_CHROOT) | CAPABILITY(CAP_MKNOD) |           \
         CAPABILITY(CAP_NET_BIND_SERVICE) | CAPABILITY(CAP_SYS_NICE))

/* Packing tools: read trees of any owner, write files of their own. What they write is published, so
 * that one which a tree has taken over must not give it another owner or capabilities. */
#define CAPABILITIES_TOOL (CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_DAC_READ_SEARCH))

/* The conductor: also overlays, and the cages of commands. */
#define CAPABILITIES_CONDUCTOR (CAPABILITIES_IMAGE | CAPABILITY(CAP_SYS_ADMIN))

#define CAPABILITIES_NONE UINT64_C(0)

/* Reduces the calling process to these, for good: bounding, permitted and effective set, nothing
 * inheritable or ambient. Never adds one. Errors: of prctl(2) and capset(2). */
int capability_limit(uint64_t keep);
