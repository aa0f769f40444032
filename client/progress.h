/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where a job stands, said on standard error: on a terminal one line that is written over, elsewhere
 * a line for each stage. */

#include <stdbool.h>

#include "client/job.h"

typedef struct Progress {
        bool is_quiet;
        bool is_terminal;
        bool has_line;  /* the terminal's cursor is behind an unfinished line */
        char stage[64]; /* the last one that was told */
} Progress;

void progress_init(Progress *progress, bool is_quiet);

/* Says where the job stands now. */
void progress_show(Progress *progress, const Job *job);

/* Makes room for a line of somebody else's. */
void progress_clear(Progress *progress);
