/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sorting makes neighbours of what clashes, so that thousands of files are compared in one walk. */

#include "config/destination.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* In the order of the paths with '/' before all else, so that a file is followed by what would lie
 * below it. */
static int compare_destinations(const void *a, const void *b) {
        const Destination *x = a, *y = b;
        const unsigned char *s = (const unsigned char *) x->path;
        const unsigned char *t = (const unsigned char *) y->path;

        for (;; s++, t++) {
                int c = x->ignore_case ? tolower(*s) : *s, d = x->ignore_case ? tolower(*t) : *t;

                c = c == '/' ? 1 : c;
                d = d == '/' ? 1 : d;
                if (c != d)
                        return c < d ? -1 : 1;
                if (c == '\0')
                        break;
        }
        return x->order < y->order ? -1 : x->order > y->order;
}

void destinations_sort(Destination *destinations, size_t n) {
        qsort(destinations, n, sizeof(Destination), compare_destinations);
}

DestinationClash destination_clash(const Destination *first, const Destination *second) {
        size_t n = strlen(first->path);
        int order = first->ignore_case ? strncasecmp(first->path, second->path, n)
                                       : strncmp(first->path, second->path, n);

        if (order != 0)
                return DESTINATION_APART;
        if (second->path[n] == '\0')
                return DESTINATION_SAME;
        return second->path[n] == '/' ? DESTINATION_BELOW : DESTINATION_APART;
}
