/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The inside of a command: its supervisor (pid 1 of the command's own PID namespace), the root
 * it sees, and the last steps before the program is executed. Not for users of the room. */

#include "container/command.h"

typedef struct CommandCage {
        const Command *command;
        int failure_fd; /* a Failure goes here when the program could not be started */
        int output_fd;  /* for lines */
} CommandCage;

/* The namespaces that the supervisor is to be forked into. */
int command_cage_namespaces(const Command *command);

/* Called as first process in them. */
_Noreturn void command_cage_run(const CommandCage *cage);
