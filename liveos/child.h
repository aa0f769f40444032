/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A function in a process of its own, with its failure handed back: what runs beside something else
 * and makes files, not facts. The child has a copy of the caller's memory and all its descriptors, and dies
 * with the caller.
 */

#include <sys/types.h>

#include "common/failure.h"

typedef struct Child {
        pid_t pid;
        int failure_fd; /* the child's Failure comes out of here */
} Child;

#define CHILD_NONE ((Child){ .failure_fd = -EBADF })

typedef int (*ChildFunction)(void *userdata, Failure *reterr);

/* The caller has one thread. Errors: -EAGAIN, -ENOMEM, -EMFILE. */
int child_start(ChildFunction function, void *userdata, Child *ret, Failure *reterr);

/* Blocks until it is gone. Returns what the function returned (0 or a negative errno) with its
 * failure; -EIO when it died of a signal. */
int child_wait(Child *child, Failure *reterr);

/* As child_wait(), but ends the child as soon as the lifeline ends. Errors: also -ECANCELED. */
int child_wait_lifeline(Child *child, int lifeline_fd, Failure *reterr);
