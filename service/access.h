/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who may do what with a job or an artifact: its owner and root anything, others what polkit allows
 * them as org.pxed1.manage.
 */

#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "service/manager.h"

/* What is asked for; borrowed until access_ask() returns. */
typedef struct AccessObject {
        const char *kind; /* "job" or "artifact": the detail's key */
        uint32_t id;
        uid_t owner;
} AccessObject;

/* Does it, once it is allowed: reads the message from its start, acts, replies. The object may be
 * gone by then, so it is found anew. Returns as a bus method's handler. */
typedef int (*AccessAct)(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);

/* The user who sent the message, as the bus knows him. Asks the bus the first time a name is seen,
 * which blocks for one round trip. Errors: those of sd-bus, when the sender has left the bus. */
int access_get_sender(sd_bus_message *m, uid_t *ret_uid);

/* Whether the message that is being handled comes from the owner or root: for properties. */
bool access_is_own(sd_bus *bus, uid_t owner);

/* For a handler of a job or an artifact: calls `act` now for owner and root, later for others, or
 * never. `verb` is what polkit's prompt calls it. Returns as a handler does. */
int access_ask(sd_bus_message *m,
               const AccessObject *object,
               const char *verb,
               AccessAct act,
               sd_bus_error *reterr_error);

/* Fills in UnknownObject, as sd-bus does for a path that never was. */
int access_refuse_unknown(sd_bus_message *m, sd_bus_error *reterr_error);
