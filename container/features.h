/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What kernel and host can do for a container, found out by doing it, once and small: a version number
 * would not tell, as kernels are configured and services are confined.
 */

#include <stdint.h>

/* Names and what is said of them:
 *   memory, processes, devices  cgroup-v1, cgroup-v2, none; of processes rlimit instead of none
 *   user-namespaces             yes, no
 *   idmapped-mounts             of which kinds of file systems: scratch, tmpfs, or none
 *   overlay                     in a user namespace: yes, no
 *   seccomp                     yes, no
 *   loop                        yes, no
 *   fuse                        yes, no
 *   fuse-programs               those that are installed of those we use, or none
 *   network                     pasta, none
 */
#define FEATURE_MEMORY    "memory"
#define FEATURE_PROCESSES "processes"
#define FEATURE_DEVICES   "devices"

typedef void (*FeatureCallback)(const char *name, const char *value, void *userdata);

/* `scratch_fd` is the folder that jobs work in, `ids_base` the first id of a job that does not run,
 * `group` the name of a cgroup for the time of this call. Blocks. Leaves nothing behind. Real root. */
void features_probe(
                int scratch_fd,
                uint32_t ids_base,
                const char *group,
                FeatureCallback callback,
                void *userdata);
