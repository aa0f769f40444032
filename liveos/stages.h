/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The stages of a build as a table, and the executor that runs what is ready. A stage that learns
 * facts runs in the conductor itself, alone; one that only makes files runs in a process of its own,
 * beside others. The same table gives the stage names of log and bus and the progress.
 */

#include <stddef.h>

#include "common/failure.h"
#include "liveos/build.h"

typedef enum StageFlags {
        STAGE_LEARNS = 1 << 0, /* fills members of Build */
} StageFlags;

typedef struct Stage {
        const char *name;  /* on the bus and in the log: a lower-case word */
        const char *needs; /* names of earlier stages, blanks between; NULL for none */
        unsigned flags;
        unsigned weight;                    /* share of the time that a build takes, in any unit */
        bool (*wanted)(const Build *build); /* NULL: always */
        int (*run)(Build *build, Failure *reterr);
} Stage;

/* The stages of a build, in an order in which one process could run them. */
extern const Stage build_stages[];
extern const size_t n_build_stages;

/* Runs a table of stages; reports each stage that begins, or that is the one waited for again, and
 * the progress. At the first failure nothing more is started; what runs beside is left to the
 * container's end. Blocks. Errors: the failing stage's, with a failure that says which it was. */
int stages_run(const Stage *stages, size_t n_stages, Build *build, Failure *reterr);
