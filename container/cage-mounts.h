/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is mounted in the cage of a command beside what its caller binds, as one table. Not for users of
 * the room. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "container/detached.h"

typedef enum CageRoot {
        CAGE_ROOT_AS_IT_IS = 0,   /* the container's own root, and nothing is mounted in it */
        CAGE_ROOT_IMAGE = 1 << 0, /* a tree of the image is "/" */
        CAGE_ROOT_OWN = 1 << 1,   /* the container's own root is */
} CageRoot;

typedef struct CageMount {
        const char *place;  /* in the cage's root */
        const char *fstype; /* NULL: what the container has there, with all below it */
        const DetachedOption *options;
        uint64_t attributes;
        unsigned roots; /* of CageRoot: where it is mounted */
} CageMount;

extern const CageMount cage_mounts[];
extern const size_t n_cage_mounts;

/* In /proc of a cage: hidden, and made read-only. */
extern const char *const cage_masks[];
extern const size_t n_cage_masks;
#define CAGE_SHIELD "sys"

void cage_mounts_print(FILE *f);
