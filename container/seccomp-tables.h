/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The filters as data, without a library. A filter is two programs, of which the stricter answer
 * counts: an allowlist by name with an answer for everything else, and guards that refuse by
 * argument.
 */

#include <stdint.h>

#include "container/seccomp.h"

typedef enum SeccompMatch {
        MATCH_NEVER, /* no further condition */
        MATCH_EQUAL,
        MATCH_NOT_EQUAL,
        MATCH_ABOVE,
        MATCH_BITS, /* all bits of the value are set */
        MATCH_LOW,  /* the low 32 bits are equal, which is all that the kernel looks at */
} SeccompMatch;

typedef struct SeccompCondition {
        unsigned argument; /* 0 to 5 */
        SeccompMatch match;
        uint64_t value;
} SeccompCondition;

typedef struct SeccompRow {
        const char *name;               /* of the system call; NULL ends a table */
        int error;                      /* positive errno that the call gives; 0 allows it */
        SeccompCondition conditions[2]; /* all must hold */
} SeccompRow;

typedef struct SeccompGroup {
        const char *names; /* system calls, divided by blanks; NULL ends a table */
        int error;         /* as above */
} SeccompGroup;

#define SECCOMP_GROUPS_MAX 4

typedef struct SeccompTable {
        const char *name;
        int default_error; /* for what no group names; 0 kills the process */
        const SeccompGroup *groups[SECCOMP_GROUPS_MAX]; /* the first that names a call counts */
        const SeccompRow *rows;   /* for calls that no group names; NULL for none */
        const SeccompRow *guards; /* of the second program; NULL for none */
        uint64_t socket_families; /* bit AF_… for each that may be had, else EAFNOSUPPORT */
} SeccompTable;

extern const SeccompTable seccomp_tables[_SECCOMP_FILTER_MAX];
