/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Mounts by path, through libmount: for the conductor, who may mount inside its own user namespace. No
 * configuration of the host (fstab, mtab, mount helpers) is read.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/failure.h"

/* Mounts an overlay on `target`: `lowers` is NULL-terminated, the uppermost layer first; `upper`
 * and `work` are folders of one file system, or both NULL for a read-only union. Made for the
 * inside of a user namespace (userxattr). Always nosuid,nodev. Paths may not contain any of
 * `,:\`.
 * Errors: -EINVAL for such paths, otherwise of mount(2). */
int overlay_mount(
                const char *const *lowers,
                const char *upper,
                const char *work,
                const char *target,
                Failure *reterr);

/* Shows `source` at `target` as well, nosuid,nodev, read-only if asked for; bind_mount_tree() with
 * everything mounted below it. Errors: of mount(2). */
int bind_mount(const char *source, const char *target, bool read_only, Failure *reterr);
int bind_mount_tree(const char *source, const char *target, Failure *reterr);

/* A file system in memory. `mode` as of the folder. Errors: of mount(2). */
int tmpfs_mount(const char *target, mode_t mode, uint64_t size_bytes, Failure *reterr);

/* Takes a mount away, lazily (MNT_DETACH) if it is in use; with everything below.
 * Errors: -EINVAL when nothing is mounted there, or when the plan locked it. */
int unmount_tree(const char *target, Failure *reterr);
