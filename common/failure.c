/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One currency for errors. The message has a fixed size, so that a failure can be copied, sent
 * through a pipe and kept in a record without an owner.
 */

#include "common/failure.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "common/strings.h"

static void failure_fill(Failure *reterr, int error, const char *format, va_list ap) {
        reterr->error = error;
        (void) vsnprintf(reterr->message, sizeof(reterr->message), format, ap);
        str_make_utf8(reterr->message); /* a file's name need not be, and a cut may hit a character */
}

static void failure_append_errno(Failure *reterr, int error) {
        size_t used = strlen(reterr->message);

        (void) snprintf(reterr->message + used,
                        sizeof(reterr->message) - used,
                        ": %s",
                        strerror(-error));
}

int failure_set(Failure *reterr, int error, const char *format, ...) {
        va_list ap;

        assert(error < 0);
        if (!reterr)
                return error;
        va_start(ap, format);
        failure_fill(reterr, error, format, ap);
        va_end(ap);
        return error;
}

int failure_set_errno(Failure *reterr, int error, const char *format, ...) {
        va_list ap;

        assert(error < 0);
        if (!reterr)
                return error;
        va_start(ap, format);
        failure_fill(reterr, error, format, ap);
        va_end(ap);
        failure_append_errno(reterr, error);
        return error;
}

void failure_prefix(Failure *reterr, const char *format, ...) {
        char message[FAILURE_MESSAGE_MAX];
        size_t used;
        va_list ap;

        if (!reterr)
                return;
        memcpy(message, reterr->message, sizeof(message));
        va_start(ap, format);
        (void) vsnprintf(reterr->message, sizeof(reterr->message), format, ap);
        va_end(ap);
        used = strlen(reterr->message);
        (void) snprintf(reterr->message + used, sizeof(reterr->message) - used, "%s", message);
        str_make_utf8(reterr->message);
}

int failure_default(Failure *reterr, int error, const char *format, ...) {
        va_list ap;

        assert(error < 0);
        if (!reterr || reterr->error < 0)
                return error;
        va_start(ap, format);
        failure_fill(reterr, error, format, ap);
        va_end(ap);
        failure_append_errno(reterr, error);
        return error;
}
