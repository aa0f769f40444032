/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Failures of system calls. On the bus most errnos have a meaning of their own (dbus/errors.h): to a
 * caller, an EDQUOT of a full disk must not say that there are too many jobs, nor an EACCES of the
 * service's own that nobody authorized the caller.
 */

#include "common/failure.h"

/* Sets the failure and returns its error: -ENOSPC for a full disk or quota, -ENOMEM, otherwise -EIO.
 * `error` is the system's negative errno; its text ends the sentence, and the remedy for a full disk. */
int system_failure_set(Failure *reterr, int error, const char *format, ...) _printf_(3, 4);
