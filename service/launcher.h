/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The launcher: the process that starts workers. It comes off the service before that has heard anything
 * from anybody, and keeps the capabilities that a worker needs, so that the service can let go of them. It
 * has one program to start, and no more can be asked of it than words and descriptors for that one. Workers
 * are children of the service all the same, which waits for them and ends them. It ends with the service.
 */

#include <stddef.h>
#include <sys/types.h>

#include "common/capability.h"
#include "common/cleanup.h"
#include "common/failure.h"

/* All words of a worker together, each with its NUL. */
#define LAUNCHER_WORDS_MAX 65536

/* What is left to a service that has a launcher: to give files that workers have made to its own user, to
 * remove what is in folders of targets, to end a worker that has taken another id. */
#define CAPABILITIES_SERVICE                                                             \
        (CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_FOWNER) | \
         CAPABILITY(CAP_KILL))

typedef struct Launcher Launcher;

/* What a process of the service's own program is called that is to be the launcher, as argv[0]. */
#define LAUNCHER_NAME "pxed-launcher"

/* Its life. Returns when the service has gone. */
void launcher_run(void);

/* Starts the calling process's own program under that name, to start the program of that path. It has the
 * caller's signal mask, and no descriptors but 0 to 2. Errors: those of socketpair(2) and posix_spawn(3). */
int launcher_start(Launcher **ret, const char *program, Failure *reterr);

const char *launcher_get_program(const Launcher *launcher);

/* Becomes readable when the launcher has ended, which it never does by itself. */
int launcher_get_fd(const Launcher *launcher);

/* Starts the program. `argv` and `fds` as for spawn_sibling(). Blocks until the exec. Errors: those of
 * spawn_sibling(); -E2BIG when the words are too long; -EPIPE when the launcher has ended. */
int launcher_spawn(
                Launcher *launcher,
                char *const *argv,
                const int *fds,
                size_t n_fds,
                pid_t *ret_pid);

/* Ends it. Workers go on. */
Launcher *launcher_free(Launcher *launcher);
DEFINE_CLEANUP(Launcher *, launcher_free);
