/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The store: the service's folders as descriptors, the lock that keeps a second service out of
 * them, and the counter of job numbers. A number is known to be taken by the folder of its job; the
 * counter has to outlive the service only when the job with the highest one is forgotten.
 *
 *   <state>/lock                     held while the service lives, or a worker of it
 *   <state>/last-id                  no job after this one has this number or a lower one
 *   <state>/jobs/<id>/record.json    and log
 *   <state>/artifacts/<id>/          record.json, and the worker's files below files/
 *   <state>/artifacts/.new-<id>/     the same while a job makes it
 *   <state>/artifacts/.gone-<id>/    what is being removed
 *   <state>/targets/<name>.json      what was exported there
 *   <state>/image-records/           what is known about images (image-records.h)
 *   <scratch>/job-<id>/              a running job's; whatever else is there is swept away at start
 */

#include <errno.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/failure.h"

/* Below jobs/ and artifacts/: records that nobody can read. */
#define STORE_QUARANTINE ".quarantine"
/* Names, in front of a number: artifacts that come and go, a job's scratch folder. */
#define STORE_NEW     ".new-"
#define STORE_GONE    ".gone-"
#define STORE_SCRATCH "job-"
/* Room for any of them. */
#define STORE_NAME_SIZE 24

typedef struct Store {
        int state_fd;
        int jobs_fd;
        int artifacts_fd;
        int targets_fd;
        int image_records_fd;
        int scratch_fd;
        int lock_fd;
        uint32_t last_id;
        uint64_t id;      /* of the state folder; no other service on this host has it */
        uint32_t kept_id; /* what the file last-id says */
} Store;

#define STORE_NULL                                                                      \
        (Store) {                                                                       \
                .state_fd = -EBADF, .jobs_fd = -EBADF, .artifacts_fd = -EBADF,          \
                .targets_fd = -EBADF, .image_records_fd = -EBADF, .scratch_fd = -EBADF, \
                .lock_fd = -EBADF,                                                      \
        }

/* Opens the folders, makes what is missing, takes the lock. Blocks for up to 20 s while another
 * service holds it: one that exits because it is idle is soon gone, and so are the workers of one
 * that was killed. Errors: -EBUSY when it stays; -EPERM when a folder belongs to somebody else. */
int store_open(const char *state, const char *scratch, Store *ret, Failure *reterr);

/* The lock once more, for a worker: it is free when both have let go of it. So nothing that a worker
 * still uses (folders, user ids, targets) is given out anew. Returns the descriptor. */
int store_share_lock(const Store *store);

/* Numbers up to this one are in use or were. Raises the counter, never lowers it. */
void store_note_id(Store *store, uint32_t id);

/* A number never given before. A job that is on disk speaks for its number itself. */
int store_take_id(Store *store, uint32_t *ret_id, Failure *reterr);

/* Keeps the counter for the next service: before the highest number of all goes out of the store.
 * Blocks for some fsync(), unless it is there already. */
int store_keep_id(Store *store, Failure *reterr);

/* A file without a name in the scratch folder, for reading and writing. Returns the descriptor. */
int store_open_temporary(const Store *store);

/* Moves what nobody can read out of the way, to be looked at by an administrator. */
int store_quarantine(int directory_fd, const char *name);

void store_done(Store *store);
#define _cleanup_store_ _cleanup_(store_done)
