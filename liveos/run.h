/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Runs a program in the container and turns its output into the job's log. What it said last goes
 * into the failure's sentence, so that nobody has to search the log for the cause. Passwords
 * in URLs are hidden in both.
 */

#include "common/failure.h"
#include "container/command.h"

/* Fills the command's on_line and runs it. `what` names it in the log and in sentences, e.g.
 * "mksquashfs". Blocks. Errors: -ENOSPC when it said so; -EIO for any other exit status but 0;
 * otherwise command_run()'s. */
int run_logged(int report_fd, const char *what, Command command, Failure *reterr);

/* As run_logged(), of a tool of the host with stdout and stderr to the log. */
int run_tool(int report_fd, const char *const *argv, Failure *reterr);
