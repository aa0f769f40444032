/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A request: a method call that cannot be answered yet, because its config is being read or polkit
 * is being asked. It owns all that its job will need, and is gone when the call is answered.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "common/cleanup.h"
#include "service/config-reader.h"
#include "service/manager.h"

/* Of one user, and of all together. Each may hold a copy of a context (limits.contextBytes), before
 * anybody has said that its user may build. */
#define REQUESTS_PER_USER_MAX 2
#define REQUESTS_MAX          16

struct Request {
        Manager *manager;
        Request *next; /* of the manager's */
        sd_bus_message *message;
        JobDraft draft;
        ConfigReader *reader; /* until the request is freed: its result is of use later */
        bool is_asked;        /* polkit is; then the request is the authorizer's to end */
};

/* Counts the sender's requests before anything is done for it. Errors: -ENOBUFS, -EACCES; then the
 * error is set. */
int request_new(Request **ret, Manager *manager, sd_bus_message *m, sd_bus_error *reterr_error);

/* Leaves the manager's list, ends its reader. Whoever has not answered the call by then leaves it
 * without an answer. */
Request *request_free(Request *request);
DEFINE_CLEANUP(Request *, request_free);

/* Frees the requests of a connection that has left while its config is read: nobody would hear the
 * answer. Those that polkit is asked about end by the authorizer, in the same way. */
void requests_drop(Manager *manager, const char *sender);

/* Answers with an error and frees the request. */
void request_refuse(Request *take_request, int error, const char *message);

/* Asks polkit and, when it says yes, makes the job of the draft and answers with its number and
 * object. Owns the request in any case, also after an error. Returns as a handler does. */
int request_authorize(
                Request *take_request,
                const char *action,
                const AuthorizeDetail *details,
                size_t n_details,
                sd_bus_error *reterr_error);
