/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Calls to the service. Everything here blocks, for as long as polkit's question takes; what the
 * service answers becomes a Failure with the service's own sentence.
 *
 * Errors: -EKEYREJECTED not authorized; -ESHUTDOWN the service is not there; else what
 * dbus/errors.h gives for the error's name.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "common/failure.h"

typedef enum CallPassword {
        CALL_ASK_PASSWORD, /* on a terminal, polkit may ask for one there */
        CALL_NO_PASSWORD,
} CallPassword;

/* What --no-ask-password says. */
static inline CallPassword call_password(bool no_ask_password) {
        return no_ask_password ? CALL_NO_PASSWORD : CALL_ASK_PASSWORD;
}

/* Connects to the system bus. */
int call_connect(CallPassword password, sd_bus **ret, Failure *reterr);

/* The path of the job or artifact that a word of the command line names: a number. Caller frees.
 * Errors: -EINVAL. */
typedef int (*CallPathFn)(const char *word, char **ret_path, Failure *reterr);
int call_job_path(const char *word, char **ret_path, Failure *reterr);
int call_artifact_path(const char *word, char **ret_path, Failure *reterr);

/* Both, as a verb for one job or artifact begins. */
int call_connect_to(
                CallPathFn path,
                const char *word,
                CallPassword password,
                sd_bus **ret,
                char **ret_path,
                Failure *reterr);

/* A call that the caller appends arguments to; the interface follows from the path. */
int call_new(sd_bus *bus,
             const char *path,
             const char *member,
             sd_bus_message **ret,
             Failure *reterr);
int call_send(sd_bus *bus, sd_bus_message *m, sd_bus_message **ret_reply, Failure *reterr);

/* Both at once; `ret_reply` may be NULL. */
int call_method(sd_bus *bus,
                const char *path,
                const char *member,
                sd_bus_message **ret_reply,
                Failure *reterr,
                const char *types,
                ...);

/* Sends a call that starts a job; returns the job's number. Caller frees the path. */
int call_start(sd_bus *bus, sd_bus_message *m, char **ret_path, Failure *reterr);

/* All properties, as a message that is at its `a{sv}`. */
int call_get_all(sd_bus *bus, const char *path, sd_bus_message **ret_reply, Failure *reterr);

/* The sentences for a call that could not be built, unless it has one, and for an answer that could
 * not be read. */
int call_unsent(int error, Failure *reterr);
int call_garbled(int error, Failure *reterr);
