/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writes the records of a running job by chores, one at a time: what changes while one is under way
 * is written by the next.
 */

#include "service/chore.h"
#include "service/job.h"
#include "service/manager.h"

typedef struct Saver Saver;

/* Borrows both. Errors: -ENOMEM. */
int saver_new(Saver **ret, Manager *manager, Job *job);

/* Has the record written as the job is now. A failure is logged; it loses at which stage the job was. */
void saver_save(Saver *saver);

/* Calls back when nothing is being written any more, perhaps at once; then the saver has done. */
void saver_finish(Saver *saver, void (*callback)(void *userdata), void *userdata);

/* A chore of its own: writes the record of the job as it is after its end. As chore_start(). */
int saver_start_end(
                Chore **ret,
                Manager *manager,
                const Job *job,
                const JobEnd *end,
                ChoreCallback callback,
                void *userdata);

Saver *saver_free(Saver *saver);
DEFINE_CLEANUP(Saver *, saver_free);
