/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The callers: every connection that has called the service and is still on the bus, with the user
 * that the bus says it is of. Calls are counted here for each user, and what is news for one user is
 * sent from here, to single connections, so that nobody else can listen.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "common/cleanup.h"
#include "common/failure.h"

/* So many connections of one user hear news: those that called first. */
#define CALLERS_HEAR_MAX 32

/* What one user may call: so often in the long run, and so many at once. Root is not counted. */
typedef struct CallersLimits {
        uint32_t calls_per_second;
        uint32_t burst;
} CallersLimits;

typedef struct Callers Callers;

/* References bus and event loop; listens for connections that leave. Errors: -ENOMEM, sd-bus's. */
int callers_new(Callers **ret, sd_bus *bus, sd_event *event, const CallersLimits *limits);
Callers *callers_free(Callers *callers);
DEFINE_CLEANUP(Callers *, callers_free);

/* For each method call, before anything is done about it: notes the connection and counts the call.
 * Asks the bus about a connection that is new, which blocks for one round trip.
 * Errors: -ENOBUFS too many calls; -EACCES the bus does not know the sender (any more); -ENOMEM. */
int callers_admit(Callers *callers, sd_bus_message *m, Failure *reterr);

/* The user who sent the message. Errors: -EACCES when the connection was never admitted or has left
 * the bus. */
int callers_get_user(const Callers *callers, sd_bus_message *m, uid_t *ret_uid);

/* Whether anybody would hear of what belongs to this user. */
bool callers_has_listener(const Callers *callers, uid_t owner);

/* Sends a signal that was built without a destination to every connection of the owner and of root
 * that hears news. Seals the message. What cannot be sent is lost. */
void callers_tell(const Callers *callers, uid_t owner, sd_bus_message *signal);
