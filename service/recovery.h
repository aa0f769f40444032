/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a service does before it answers to anybody: reads what its predecessor left, says which jobs
 * were interrupted, sweeps away what is half done. Doing it twice changes nothing more. It may find
 * any garbage in its folders: what cannot be read goes into quarantine and is logged.
 */

#include "service/manager.h"

/* Blocks for as long as the removal of leftovers takes. Errors: -ENOMEM, or a folder that cannot be
 * read. */
int recovery_run(Manager *manager, Failure *reterr);
