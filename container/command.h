/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Runs a program inside the container, in a cage of its own: new mount and PID namespaces (and
 * network namespace, unless it may have the container's), a bounded set of capabilities, a filter,
 * no_new_privs, a clean environment, no terminal, no descriptor but 0 to 2. The program and
 * whatever it left running die together. Only the conductor can call it. Several may run at once,
 * from several processes; the caller needs one thread.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/failure.h"
#include "container/plan.h"

#define COMMAND_LINE_MAX 4096u

/* The one variable that programs take over from the conductor, when it has it: no time in what they make
 * is later (reproducible-builds.org). */
#define COMMAND_EPOCH "SOURCE_DATE_EPOCH"

typedef enum CommandProfile {
        COMMAND_IMAGE,     /* code out of the image: scripts, package manager, dracut */
        COMMAND_TOOL,      /* the host's packing tools: no sockets */
        COMMAND_CONVERTER, /* qemu-img, alone in its container: files and threads, no /proc */
        _COMMAND_PROFILE_MAX,
} CommandProfile;

typedef struct CommandBind {
        const char *source; /* file or folder of the container */
        const char *target; /* in the new root; made there if missing, and removed again */
} CommandBind;

typedef struct Command {
        const char *const *argv;        /* argv[0] absolute, or looked for in the fixed PATH */
        const char *const *environment; /* KEY=value added to the fixed one, NULL for none */
        const char *cwd;                /* in the new root; NULL for "/" */

        /* The folder that becomes "/", with a /proc, /dev, /run and /tmp of its own in it (a folder
         * that is missing for them is made and stays). NULL for the container's own root. */
        const char *root;
        const CommandBind *binds; /* shown read-only in the new root; only with `root` */
        unsigned n_binds;

        CommandProfile profile;
        const PlanLimit *limits; /* for the program alone, beside the plan's; borrowed */
        unsigned n_limits;
        bool network;          /* the container's network, else one without any connection */
        uint64_t timeout_usec; /* 0 for none */

        int stdin_fd;  /* borrowed; -EBADF for /dev/null */
        int stdout_fd; /* borrowed; -EBADF: lines of stdout come to on_line, as stderr's do */

        /* Called for each line of output, without its end, cut after COMMAND_LINE_MAX bytes,
         * control characters blanked, well-formed UTF-8. NULL throws output away. */
        void (*on_line)(void *userdata, const char *line);
        void *userdata;
        uint64_t output_max_bytes; /* lines beyond are counted, not handed over; 0 for 16 MiB */
} Command;

#define COMMAND_INIT ((Command){ .stdin_fd = -EBADF, .stdout_fd = -EBADF })

/* Blocks until the program and everything that it started are gone.
 * Returns the exit status, 0 to 255, as a shell has it (128 + n when it died of signal n).
 * Errors: -ENOENT when there is no such program or cwd; -ETIMEDOUT when it was ended by the
 * timeout; otherwise what setting up its cage gave. A failure is filled for these only, never
 * for a status. */
int command_run(const Command *command, Failure *reterr);
