/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Secure Boot: whether each part vouches for the next. The firmware has to know the shim (nobody can ask
 * it here: a signature is all that is looked for), the shim's own certificate has to cover GRUB and the
 * kernel. What is revoked (dbx, SBAT, MOK) is not looked at.
 */

#include "common/failure.h"

typedef struct Build Build;

typedef enum SecureBoot {
        SECURE_BOOT_UNKNOWN,
        SECURE_BOOT_NO,
        SECURE_BOOT_YES,
        _SECURE_BOOT_MAX,
        _SECURE_BOOT_INVALID = -22, /* -EINVAL */
} SecureBoot;

#define SECURE_BOOT_UNCLEAR "Whether Secure Boot works cannot be told"

/* Looks at the loaders and kernels that the build has picked. Unless the answer is yes, `why` gets a
 * sentence: what is not signed, or not by whom; or what kept it from being found out. Runs openssl and
 * osslsigncode in the container. Blocks. Errors: -ENOMEM, those of writing copies. */
int secure_boot_check(const Build *build, SecureBoot *ret, Failure *ret_why);
