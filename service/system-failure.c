/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Failures of system calls: from the kernel's errnos to those of the bus contract. */

#include "service/system-failure.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static int meaning_of(int error) {
        switch (error) {
        case -ENOMEM:
                return -ENOMEM;
        case -ENOSPC:
        case -EDQUOT:
                return -ENOSPC;
        default:
                return -EIO;
        }
}

int system_failure_set(Failure *reterr, int error, const char *format, ...) {
        char what[FAILURE_MESSAGE_MAX];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(what, sizeof(what), format, ap);
        va_end(ap);
        return failure_set(
                        reterr,
                        meaning_of(error),
                        "%s: %s%s",
                        what,
                        strerror(-error),
                        meaning_of(error) == -ENOSPC ? "; free some space there." : "");
}
