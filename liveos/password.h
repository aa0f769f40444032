/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Hashing a password for shadow(5), by libcrypt, of which nobody else knows. The method is SHA-512
 * ("$6$"): every libc that an image may have can check it, which is not true of newer ones. Runs in the
 * container: neither service nor client ever has a password in a form of its own.
 */

#include "common/failure.h"

/* A hash with a salt of its own. Caller frees. Takes some tens of milliseconds of one processor.
 * Errors: -EINVAL when it is longer than CONFIG_MAX_SECRET_BYTES - 1; -EIO when the library fails. */
int password_hash(const char *plain, char **ret, Failure *reterr);
