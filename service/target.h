/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A target: the tree of a PXE server as the settings name it, and which artifacts were exported to
 * it. One job at a time writes to a target.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/failure.h"
#include "service/settings.h"
#include "service/store.h"

typedef struct Target {
        const SettingsTarget *settings; /* borrowed */
        uint32_t current;               /* the artifact that is exported there now; 0: none */
        uint32_t previous;              /* the one before; 0: none to go back to */
        uint32_t writer;                /* the job that writes to it, queued or running; 0: none */
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

/* Reads what is known about the target; a record that cannot be read counts as none, and the failure
 * says so. */
int target_load(Target *target, const Store *store, Failure *reterr);

/* An artifact was exported; or the exports were exchanged. Writes the record. Blocks for fsync(). */
int target_note_export(Target *target, const Store *store, uint32_t artifact, Failure *reterr);
int target_note_restore(Target *target, const Store *store, Failure *reterr);

/* Removes what an export has left beside the roots that did not come to its end. */
void target_sweep(const Target *target);

/* `path` is one of the settings' roots. Errors: -EIO when its folder cannot be opened. */
int target_open_root(const char *path, TargetRoot *ret, Failure *reterr);
void target_root_done(TargetRoot *root);
#define _cleanup_target_root_ _cleanup_(target_root_done)
