/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The one real privilege of a worker, CAP_SYS_ADMIN of the host. It rests: it is permitted but not in
 * effect, and wakes for the length of one function of the mounter, the files that container/meson.build
 * lists as such. They are all code that ever runs with it, they parse nothing, and docs/SECURITY.md
 * goes through them line by line. When the container of a job has started, the worker gives it up.
 *
 * A process that never called privilege_rest(), a test for example, has it awake all the time.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "common/cleanup.h"

union bpf_attr;

/* To be called first: leaves the process with the capabilities of a worker (CAPABILITIES_WORKER), all
 * in effect but this one. Errors: of prctl(2) and capset(2). */
int privilege_rest(void);

/* Gives it up for good, and with it all children to come. Errors: of capset(2). */
int privilege_drop(void);

/* A fork() into new namespaces (CLONE_NEW… flags): 0 in the child, its pid in the parent, -1 and
 * errno. The privilege rests in both. The child must leave by _exit(). */
pid_t privilege_fork(int flags);

/* The call of bpf(2), whose programs decide about devices. Errors: its own. */
int privilege_bpf(int command, union bpf_attr *attributes, unsigned size);

/* The text into a file of the kernel, in one write(): of a group (container/cgroup.h), whose wall of devices
 * version 1 lets nobody else change. Errors: of open(2) and write(2). */
int privilege_write(int folder_fd, const char *file, const char *text);

/* For the functions of the mounter alone: awake until the end of the block. Does nothing in a process
 * that has given it up, or is in a user namespace of its own: what needs it fails there. */
typedef struct Privilege {
        bool woken;
} Privilege;

Privilege privilege_wake(void);
void privilege_sleep(Privilege *privilege);
#define PRIVILEGED _cleanup_(privilege_sleep) Privilege privilege _unused_ = privilege_wake()
