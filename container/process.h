/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a process of the container does to itself before it goes on: ties to its parent,
 * descriptors, limits. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "container/plan.h"

/* The kernel kills this process when its parent ends. `lifeline_fd` is the reading end of a pipe
 * whose other end only the parent holds; if the parent was faster, this does not return. To be
 * called again after every change of ids or user namespace, which take the setting away. */
void process_die_with_parent(int lifeline_fd);

/* Closes everything but 0, 1, 2 and these. Errors: -ENOMEM, of close_range(2). */
int process_close_but(const int *keep_fds, size_t n_keep_fds);

/* Puts /dev/null on 0, and with `all` on 1 and 2 too. */
int process_null_stdio(bool all);

/* No signal is ignored or blocked, whatever the caller of all callers had set. */
void process_default_signals(void);

/* Sets the limits, soft and hard, as far as this process may. */
int process_set_limits(const PlanLimit *limits, size_t n_limits);

/* Whether the kernel may choose this process, and those it starts from now on, when it must kill one
 * as memory has run out. Taking the choice away needs CAP_SYS_RESOURCE; without, it stays. */
void process_set_killable_for_memory(bool killable);

/* In a child that is to be alive for somebody's sake, as its namespaces are wanted: tells the other end of a
 * socket how it went, 0 or a negative errno, and lives on until that end is closed. One that cannot tell ends, as
 * nobody may wait for it for ever. */
_Noreturn void process_tell_and_live(int fd, int result);

/* What such a child has told. Blocks until it has. Errors: the child's; -ECHILD when it ended without a word. */
int process_told(int fd);

/* Waits for one child. Errors: -ECHILD. */
int process_wait(pid_t pid, int *ret_wait_status);

/* Leaves the process with what its function returned: 0 or a negative errno. */
_Noreturn void process_exit(int result);

/* The other side of process_exit(). Returns 1 when the child left by it; 0 when it left in another
 * way, e.g. a sanitizer made it, or it died of a signal. */
int process_result(int wait_status, int *ret_result);

/* Ends a child that may be gone already, and waits for it. */
void process_kill(pid_t pid);

/* Ends a child and waits for it, but `patience_msec` at most. Returns false when it is not gone by then:
 * the kernel ends no process that waits for the answer of somebody's own file system (FUSE). */
bool process_kill_within(pid_t pid, int patience_msec);

/* A descriptor to poll for the end of a child that was not waited for. */
int process_open(pid_t pid);
