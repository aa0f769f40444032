/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whoever is on the other end is a stranger: lines have a length, output has a size, and control
 * characters never reach a terminal or a log. */

#include "container/command-output.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "common/strings.h"

#define OUTPUT_DEFAULT_BYTES (UINT64_C(16) * 1024 * 1024)
#define CHUNK_SIZE           8192

void command_output_init(CommandOutput *output, const Command *command) {
        *output = (CommandOutput){ .command = command };
        output->left_bytes = command->output_max_bytes > 0 ? command->output_max_bytes
                                                           : OUTPUT_DEFAULT_BYTES;
}

static void hand_over(CommandOutput *output) {
        uint64_t size = output->used + 1;

        output->line[output->used] = '\0';
        output->used = 0;
        output->cut = false;
        if (output->left_bytes < size) {
                output->left_bytes = 0;
                return;
        }
        output->left_bytes -= size;
        if (!output->command->on_line)
                return;
        str_blank_controls(output->line);
        str_make_utf8(output->line);
        output->command->on_line(output->command->userdata, output->line);
}

/* A NUL would hide the rest of its line. */
static void take_byte(CommandOutput *output, char c) {
        if (c == '\n') {
                hand_over(output);
                return;
        }
        if (output->used == COMMAND_LINE_MAX)
                output->cut = true;
        if (!output->cut)
                output->line[output->used++] = c == '\0' ? ' ' : c;
}

int command_output_take(CommandOutput *output, int fd) {
        char chunk[CHUNK_SIZE];
        ssize_t size = read(fd, chunk, sizeof(chunk));

        if (size < 0)
                return errno == EINTR || errno == EAGAIN ? 1 : -errno;
        for (ssize_t i = 0; i < size; i++)
                take_byte(output, chunk[i]);
        return size > 0;
}

void command_output_finish(CommandOutput *output) {
        if (output->used > 0)
                hand_over(output);
        if (output->left_bytes == 0 && output->command->on_line)
                output->command->on_line(
                                output->command->userdata,
                                "(the rest of the output is left out: there is too much of it)");
}
