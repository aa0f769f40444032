/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A job's log, read piece by piece. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <systemd/sd-bus.h>

#include "common/failure.h"

/* Prints all that there is from `*offset` on and moves it behind; 1 when the job has ended and this
 * was the rest, else 0. Whoever called this once also gets the job's signal Log. */
int job_log_print(sd_bus *bus, const char *path, uint64_t *offset, FILE *to, Failure *reterr);
