/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Destinations of files, laid side by side to see which get into each other's way: in the order of
 * sorting a file is followed by those of the same path and those that would lie below it. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct Destination {
        const char *path; /* normalized */
        size_t order;     /* among equal paths */
        bool ignore_case; /* the same for all that are sorted */
        const void *of;   /* for the caller */
} Destination;

typedef enum DestinationClash {
        DESTINATION_APART,
        DESTINATION_SAME,
        DESTINATION_BELOW, /* the second would lie below the first, which is a file */
} DestinationClash;

void destinations_sort(Destination *destinations, size_t n);

DestinationClash destination_clash(const Destination *first, const Destination *second);
