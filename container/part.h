/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The parts of a job that see a stranger's bytes, and what each may do: one table, which they are
 * confined by and which is printed (`pxed-worker --print-plan`).
 */

#include <stdio.h>

typedef enum Part {
        PART_CONDUCTOR, /* runs the stages; mounts, but in its own user namespace only */
        PART_IMAGE,     /* code out of the image */
        PART_TOOL,      /* packing tools of the host, over the image's files */
        PART_FUSE,      /* a program that reads a file system of the image */
        PART_CONVERTER, /* qemu-img, which unpacks an image */
        PART_READER,    /* a parser of ours */
        PART_COPIER,    /* copying and judging of what a caller sent */
        _PART_MAX,
} Part;

/* Confines the calling process, for good: capabilities, no_new_privs and filter. Errors: of
 * capability_limit() and seccomp_apply(). */
int part_confine(Part part);

/* Each part with its capabilities and its filter, the same in each run. */
void part_print_all(FILE *f);
