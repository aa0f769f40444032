/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One table that ties three ways to say what went wrong: the negative errno that functions return,
 * the error name on the bus, and English for the case that nobody below wrote a better sentence.
 *
 * The errnos have one meaning each in this project, from the worker to the exit status of pxectl:
 *
 *   EBADMSG       InvalidConfig    the config is wrong; the sentence names file, line and column
 *   ENOEXEC       InvalidImage     not a disk image, not exactly one root partition, or a file of its OS that
 *                                  is damaged
 *   ENOPKG        Incompatible     the image lacks what a Live OS needs: loader, kernel, dracut module
 *   EOPNOTSUPP    Unsupported      a proper wish that this version or this kernel cannot fulfil
 *   ENOSPC        NoSpace          disk, quota or size limit of a file
 *   ECANCELED     Cancelled        by Cancel()
 *   EINTR         Interrupted      the service or the worker died while the job ran
 *   EEXIST        ImageExists      there is an image of that name, and it was not to be replaced
 *   ENOMEDIUM     NoSuchImage      no image of that name in the service's folders
 *   EHOSTUNREACH  NoSuchTarget     no target of that name in the service's configuration
 *   ESTALE        NoSuchArtifact   the target has no previous export, or the artifact is gone
 *   ENOENT        NoSuchFile       the artifact has no file of that name
 *   EDQUOT        TooManyJobs      the caller has as many jobs as one user may have
 *   EBUSY         Busy             the object is in use by a job, try again later
 *   EACCES        AccessDenied     not authorized (EPERM says the same)
 *   ENOKEY        InteractiveAuthorizationRequired: authentication is needed and was not allowed
 *   EINVAL        InvalidArgs      the caller's arguments are wrong
 *   ENOBUFS       LimitsExceeded   too many requests of one caller, or a size beyond a limit
 *   ENOMEM        NoMemory
 *   ETIMEDOUT     Timeout
 *   EIO           Failed           everything else
 *
 * An object path that names no job or artifact is answered by sd-bus: UnknownObject.
 */

#include <systemd/sd-bus.h>

/* Makes sd_bus_error_get_errno() and sd_bus_error_set_errno() know our names. Once per process;
 * more often does no harm. Errors: -ENOMEM. */
int bus_errors_register(void);

/* The name for an errno (either sign). Never NULL: "…Error.Failed" for what the table lacks. */
const char *bus_error_name(int error);

/* The errno (positive) for a name. EIO for what the table lacks and for NULL. */
int bus_error_to_errno(const char *name);

/* English for an errno (either sign): a clause without a full stop. Never NULL. */
const char *bus_error_text(int error);

/* Fills the error from a negative errno and the sentence that goes with it (NULL or "": the table's
 * English) and returns the errno, so that a handler ends with `return bus_failure(…)`. An error
 * that is set already is left as it is. */
int bus_failure(sd_bus_error *reterr_error, int error, const char *message);
