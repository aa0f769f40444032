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
#include "service/caller-users.h"

/* So many connections of one user hear news: those that called first. */
#define CALLERS_HEAR_MAX 32

/* What a connection, a user's connections and all together may leave unread in the bus. dbus-daemon
 * would hold far more, and then stop reading from the service, to everybody's harm. A connection that
 * has left more than CALLERS_UNREAD_MAX is refused in words until it has read, and one with
 * CALLERS_UNREAD_DEAF_MAX gets neither answers nor news. What is sent is estimated, and the bus is asked
 * for the truth each time the estimate comes to CALLERS_CHECK_BYTES. Nobody waits for that; a connection
 * with CALLERS_UNASKED_MAX before it comes is refused meanwhile. */
#define CALLERS_CHECK_BYTES        (UINT32_C(64) * 1024)
#define CALLERS_UNREAD_MAX         (UINT32_C(256) * 1024)
#define CALLERS_UNREAD_DEAF_MAX    (UINT32_C(4) * 1024 * 1024)
#define CALLERS_UNASKED_MAX        (UINT32_C(4) * 1024 * 1024)
#define CALLERS_UNREAD_ALL_MAX     (UINT32_C(32) * 1024 * 1024) /* then each may leave: */
#define CALLERS_UNREAD_STRICT_MAX  (UINT32_C(8) * 1024)
#define CALLERS_UNREAD_FDS_MAX     8U
#define CALLERS_UNREAD_FDS_USER    16U
#define CALLERS_UNREAD_FDS_ALL_MAX 48U

typedef struct Callers Callers;

/* Hears that a connection has left the bus; it is known no more. */
typedef void (*CallersOnLeft)(const char *name, void *userdata);

/* References bus and event loop; listens for connections that leave. Errors: -ENOMEM, sd-bus's. */
int callers_new(Callers **ret,
                sd_bus *bus,
                sd_event *event,
                const CallerLimits *limits,
                CallersOnLeft on_left,
                void *userdata);
Callers *callers_free(Callers *callers);
DEFINE_CLEANUP(Callers *, callers_free);

/* For each method call, before anything is done about it: notes the connection and counts the call,
 * and the bytes that its answer may have. Asks the bus about a connection that is new, which blocks for
 * a round trip.
 * Errors: -ENOBUFS too many calls, or too many answers not read yet; -EPIPE the sender does not read, so that an answer would do harm;
 * -EACCES the bus does not know the sender (any more); -ENOMEM. */
int callers_admit(Callers *callers, sd_bus_message *m, uint32_t bytes, Failure *reterr);

/* Before a descriptor is sent to the sender of the message.
 * Errors: -ENOBUFS when too many were not read; -EACCES. */
int callers_grant_fd(Callers *callers, sd_bus_message *m, Failure *reterr);

/* The user who sent the message. Errors: -EACCES when the connection was never admitted or has left
 * the bus. */
int callers_get_user(const Callers *callers, sd_bus_message *m, uid_t *ret_uid);

/* Whether anybody would hear of what belongs to this user. */
bool callers_has_listener(const Callers *callers, uid_t owner);

/* Sends a signal that was built without a destination to every connection of the owner and of root
 * that hears news. Seals the message. What cannot be sent is lost. */
void callers_tell(Callers *callers, uid_t owner, sd_bus_message *signal);

/* Sends a signal that was built without a destination to one connection, unless that does not read. */
void callers_tell_one(Callers *callers, const char *to, sd_bus_message *signal);
