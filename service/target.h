/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A target: the tree of a PXE server as the settings name it, and which artifacts were exported to
 * it. One job at a time writes to a target: it begins a change, its worker exchanges the two roots,
 * and it ends the change. The record on disk says that a change is under way, so that what a killed
 * service or worker leaves is judged by the roots themselves.
 */

#include <stdint.h>

#include "common/failure.h"
#include "service/settings.h"
#include "service/store.h"

typedef struct Target {
        const SettingsTarget *settings; /* borrowed */
        uint32_t current;               /* the artifact that is exported there now; 0: none */
        uint32_t previous;              /* the one before; 0: none to go back to */
        uint32_t writer;                /* the job that writes to it, queued or running; 0: none */
        uint32_t incoming;   /* while a change is under way: what becomes current; else 0 */
        uint64_t tftp_inode; /* of the roots when the change began; 0: there was none */
        uint64_t http_inode;
} Target;

/* One root as the worker gets it: the folder that it lies in, and its name there. */
typedef struct TargetRoot {
        int folder_fd;
        char *name;
} TargetRoot;

#define TARGET_ROOT_NULL            \
        (TargetRoot) {              \
                .folder_fd = -EBADF \
        }

typedef enum TargetEnd {
        TARGET_CHANGED,     /* the worker says that it is done */
        TARGET_INTERRUPTED, /* anything else: the roots tell how far it came */
} TargetEnd;

/* Reads what is known about the target, and ends a change that was under way as TARGET_INTERRUPTED. A
 * record that cannot be read counts as none. Blocks. Errors, of which each leaves a target that can
 * be used: -EIO and others with a sentence. */
int target_load(Target *target, const Store *store, Failure *reterr);

/* An artifact is to become the current one, by an export or a restore. Errors: those of writing, with
 * a sentence; then no change is under way. Blocks for fsync(). */
int target_begin_change(Target *target, const Store *store, uint32_t artifact, Failure *reterr);

/* Does nothing when no change is under way. Errors: -EIO with a sentence when only one of the roots was
 * exchanged, so that neither export is whole there; those of writing. Blocks for fsync(). */
int target_end_change(Target *target, const Store *store, TargetEnd end, Failure *reterr);

/* Removes what an export that did not come to its end has left beside the roots; what cannot be removed
 * is logged. Blocks for the removal. */
void target_sweep(const Target *target);

/* `path` is one of the settings' roots. Errors: -EIO when its folder cannot be opened. */
int target_open_root(const char *path, TargetRoot *ret, Failure *reterr);
void target_root_done(TargetRoot *root);
#define _cleanup_target_root_ _cleanup_(target_root_done)
