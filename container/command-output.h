/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Turns what a command writes into bounded, printable lines. Not for users of the room. */

#include <stdbool.h>

#include "container/command.h"

typedef struct CommandOutput {
        const Command *command;
        uint64_t left_bytes; /* that may still be handed over */
        size_t used;
        bool cut; /* the rest of this line is dropped */
        char line[COMMAND_LINE_MAX + 1];
} CommandOutput;

void command_output_init(CommandOutput *output, const Command *command);

/* Takes what is there to read. Returns 0 at the end of file. */
int command_output_take(CommandOutput *output, int fd);

/* Hands over a last line without an end, and says if output was dropped. */
void command_output_finish(CommandOutput *output);
