/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Access to what belongs to others: whom polkit lets do org.pxed1.manage. Who may not gets the same
 * answer about an object that is another user's and one that is not there, and polkit is asked the
 * same question about both; so nobody learns which it is.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "service/bus-interface.h"

/* Whether what belongs to `owner` is the user's own; everything is root's. */
static inline bool access_is_own(uid_t uid, uid_t owner) {
        return uid == owner || uid == 0;
}

/* Calls the row's act later, when polkit says yes, or answers UnknownObject. Root is answered at once.
 * `noun` is the object's, "job". Returns as a handler does. */
int access_ask_about_object(
                Manager *manager,
                const char *noun,
                uint32_t id,
                const BusMethod *row,
                sd_bus_message *m,
                sd_bus_error *reterr_error);

/* The same for a method that is about all objects; a refusal is polkit's own. */
int access_ask_about_all(
                Manager *manager,
                const BusMethod *row,
                sd_bus_message *m,
                sd_bus_error *reterr_error);

/* The same for a method about something that everybody may know of; `object` is what prompts call it. */
int access_ask_about_named(
                Manager *manager,
                const char *object,
                const BusMethod *row,
                sd_bus_message *m,
                sd_bus_error *reterr_error);

/* Fills in UnknownObject, as sd-bus does for a path that never was. */
int access_refuse_unknown(sd_bus_message *m, sd_bus_error *reterr_error);
