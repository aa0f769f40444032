/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The sets of capabilities of a worker's parts. All but the first count in the container's user
 * namespace only.
 */

#include <stdint.h>
#include <stdio.h>

#include "common/capability.h"

/* The worker outside of the container: folders of any owner (what strangers' ids left in them has to
 * go), children with other ids, their limits and their end. CAP_SYS_ADMIN rests (container/privilege.h),
 * CAP_MKNOD is for the translator's one node. */
#define CAPABILITIES_WORKER                                                                       \
        (CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_DAC_READ_SEARCH) | \
         CAPABILITY(CAP_FOWNER) | CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_KILL) |                 \
         CAPABILITY(CAP_SETGID) | CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETPCAP) |              \
         CAPABILITY(CAP_MKNOD) | CAPABILITY(CAP_SYS_PTRACE) | CAPABILITY(CAP_SYS_RESOURCE) |      \
         CAPABILITY(CAP_SYS_ADMIN))

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

/* One line: their names, or "none". */
void capability_print(uint64_t mask, FILE *f);
