/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Logging, for the two tops only: to the journal where there is one, else to standard error. Nothing
 * below a top logs: it returns a Failure, and who stops a failure's way up logs it, once. What
 * strangers wrote goes in as an argument only, never as a format.
 */

#include "common/cleanup.h"

/* Something that an administrator may look for. Each is one constant of its owner's table. */
typedef struct LogEvent {
        const char *message_id; /* 32 hexadecimal digits, made once by systemd-id128 new */
        int priority;           /* as in syslog.h */
} LogEvent;

/* A further field of the journal's entry. An array of them ends with a NULL name. */
typedef struct LogField {
        const char *name;  /* capitals, digits and '_' */
        const char *value; /* NULL: the field is left out */
} LogField;

/* For developers: standard error gets it only where the environment has SYSTEMD_LOG_LEVEL=debug. */
void log_debug(const char *format, ...) _printf_(1, 2);

/* `error` is a negative errno or 0; `fields` may be NULL. Control characters become blanks. */
void log_event(const LogEvent *event, int error, const LogField *fields, const char *format, ...)
                _printf_(4, 5);
