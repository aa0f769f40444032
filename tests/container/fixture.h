/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the container tests share: a disk image with one small ext4 partition, the plan of a
 * build over it, and memory in which a function that runs inside says what it saw. */

#include <stdbool.h>

#include "container/container.h"
#include "tests/lib/test.h"

#define UID_BASE         0x30000000u
#define PARTITION_OFFSET (1024u * 1024u)
#define PARTITION_SIZE   (16u * 1024u * 1024u)

typedef struct Seen {
        int value[16];
        char text[16][256];
} Seen;

typedef struct Fixture {
        char *folder; /* host; removed at the end */
        int folder_fd;
        int image_fd;
        int work_fd;
        int out_fd;
        int probe_fd; /* the program that tries one call */
        Plan *plan;
        Seen *seen; /* shared with whoever runs inside */
} Fixture;

void fixture_init(Fixture *fixture);
void fixture_done(Fixture *fixture);
#define _cleanup_fixture_ _cleanup_(fixture_done)

/* Runs it inside and asserts that it returned 0. */
void fixture_run(Fixture *fixture, int (*inside)(void *seen));

/* Inside: mounts the overlay /work/tree over the image. */
int fixture_mount_tree(Failure *reterr);

/* Inside: runs the probe in the image's tree or among the tools; its exit status. */
int fixture_probe(bool image, const char *name, const char *argument);

/* How many programs of seccomp hold the process whose /proc/…/status it is, when it has no capability of
 * any kind and may gain none; -1 when it has or may, or cannot be looked at. Those who are confined one
 * inside of the other have the filters of all. */
int fixture_confinement(const char *status_path);

/* Whether a line of /proc/PID/`file` begins so. */
bool fixture_has_line(pid_t pid, const char *file, const char *begin);

/* Asserts that a limit of the process, by its name in /proc/PID/limits, is this one and cannot be raised. */
void fixture_check_limit(pid_t pid, const char *name, uint64_t value);

/* Host: how many loop devices hold the fixture's image, mounts name it, or processes have its
 * ids. */
unsigned fixture_leaks(const Fixture *fixture);

/* As fixture_leaks(), giving the kernel up to five seconds to finish. */
unsigned fixture_settle(const Fixture *fixture);
