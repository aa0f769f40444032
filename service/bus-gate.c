/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The gate. A row is found by what the message says, not by what sd-bus found for it, and each kind of
 * access has one function here. Objects of others are refused in the words, and at the price, of
 * objects that are not there.
 */

#include "service/bus-gate.h"

#include <errno.h>

#include "common/strings.h"
#include "dbus/errors.h"
#include "service/access.h"
#include "service/bus-object.h"
#include "service/job-bus.h"
#include "service/manager.h"

#define ANSWER_BYTES 4096U
#define OBJECT_BYTES 768U

/* ---- the rows ---- */

static const BusMethod *find_row(const BusInterface *interface, const char *member) {
        for (size_t i = 0; i < interface->n_methods; i++)
                if (str_equal(interface->methods[i].member, member))
                        return &interface->methods[i];
        return NULL;
}

static bool has_method(const sd_bus_vtable *vtable, const char *member) {
        for (const sd_bus_vtable *v = vtable; v->type != _SD_BUS_VTABLE_END; v++)
                if (v->type == _SD_BUS_VTABLE_METHOD && str_equal(v->x.method.member, member))
                        return true;
        return false;
}

static int refuse(
                const BusInterface *interface,
                const char *member,
                const char *why,
                Failure *reterr) {
        return failure_set(reterr, -EINVAL, "%s.%s %s.", interface->name, member, why);
}

static int check_row(const BusInterface *interface, const BusMethod *row, Failure *reterr) {
        bool needs_action = row->access == BUS_ACCESS_ACTION;
        bool needs_verb = row->access == BUS_ACCESS_OWNER || row->access == BUS_ACCESS_MANAGER ||
                          row->access == BUS_ACCESS_NAMED;

        if (find_row(interface, row->member) != row)
                return refuse(interface, row->member, "has two rows", reterr);
        if (!has_method(interface->vtable, row->member))
                return refuse(interface, row->member, "has a row but is no method", reterr);
        if (row->access <= BUS_ACCESS_UNSET || row->access >= _BUS_ACCESS_MAX || !row->act)
                return refuse(interface, row->member, "does not say who may call it", reterr);
        if (needs_action && !row->actions[0])
                return refuse(interface, row->member, "names no action of polkit", reterr);
        if (needs_verb && !row->verb)
                return refuse(interface, row->member, "has no verb for polkit's prompt", reterr);
        if (row->access == BUS_ACCESS_OWNER && !interface->noun)
                return refuse(interface, row->member, "has no object that could be owned", reterr);
        if (row->access == BUS_ACCESS_NAMED && !row->whose)
                return refuse(interface, row->member, "does not tell whose it is", reterr);
        return 0;
}

int bus_gate_check(const BusInterface *interface, Failure *reterr) {
        for (const sd_bus_vtable *v = interface->vtable; v->type != _SD_BUS_VTABLE_END; v++) {
                if (v->type == _SD_BUS_VTABLE_WRITABLE_PROPERTY)
                        return refuse(interface,
                                      v->x.property.member,
                                      "is a property that can be written",
                                      reterr);
                if (v->type != _SD_BUS_VTABLE_METHOD)
                        continue;
                if (v->x.method.handler != bus_gate_method)
                        return refuse(interface,
                                      v->x.method.member,
                                      "has a handler that is not the gate's",
                                      reterr);
                if (!find_row(interface, v->x.method.member))
                        return refuse(interface,
                                      v->x.method.member,
                                      "has no row that says who may call it",
                                      reterr);
        }
        for (size_t i = 0; i < interface->n_methods; i++) {
                int r = check_row(interface, &interface->methods[i], reterr);

                if (r < 0)
                        return r;
        }
        return 0;
}

static const BusInterface *find_interface(const Manager *manager, sd_bus_message *m) {
        for (const BusInterface *const *i = manager->interfaces; *i; i++)
                if (str_equal((*i)->name, sd_bus_message_get_interface(m)))
                        return *i;
        return NULL;
}

bool bus_gate_allows_action(const Manager *manager, sd_bus_message *m, const char *action) {
        const BusInterface *interface = find_interface(manager, m);
        const BusMethod *row = interface ? find_row(interface, sd_bus_message_get_member(m)) : NULL;

        for (size_t i = 0; row && i < BUS_ACTIONS_MAX; i++)
                if (str_equal(row->actions[i], action))
                        return true;
        return false;
}

/* ---- from the message to the method ---- */

static int act_on_object(
                Manager *manager,
                const BusInterface *interface,
                const BusMethod *row,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        uint32_t id;

        if (!bus_object_path_to_id(sd_bus_message_get_path(m), interface->path, &id))
                return access_refuse_unknown(m, reterr_error);
        if (bus_object_find_visible(manager, interface, id, m))
                return row->act(manager, id, m, reterr_error);
        return access_ask_about_object(manager, interface->noun, id, row, m, reterr_error);
}

static int act_on_named(
                Manager *manager,
                const BusMethod *row,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        BusThing thing = {};
        uid_t uid;
        int r = row->whose(manager, m, &thing, reterr_error);

        if (r >= 0)
                r = sd_bus_message_rewind(m, /* complete= */ true);
        if (r < 0)
                return r;
        if (callers_get_user(manager->callers, m, &uid) >= 0 && access_is_own(uid, thing.owner))
                return row->act(manager, /* id= */ 0, m, reterr_error);
        return access_ask_about_named(manager, thing.object, row, m, reterr_error);
}

int bus_gate_method(sd_bus_message *m, void *userdata _unused_, sd_bus_error *reterr_error) {
        Manager *manager = bus_object_manager(sd_bus_message_get_bus(m));
        const BusInterface *interface = find_interface(manager, m);
        const BusMethod *row = interface ? find_row(interface, sd_bus_message_get_member(m)) : NULL;

        switch (row ? row->access : BUS_ACCESS_UNSET) {
        case BUS_ACCESS_HARMLESS:
        case BUS_ACCESS_ACTION:
                return row->act(manager, /* id= */ 0, m, reterr_error);
        case BUS_ACCESS_OWNER:
                return act_on_object(manager, interface, row, m, reterr_error);
        case BUS_ACCESS_MANAGER:
                return access_ask_about_all(manager, row, m, reterr_error);
        case BUS_ACCESS_NAMED:
                return act_on_named(manager, row, m, reterr_error);
        default:
                return bus_failure(reterr_error, -EACCES, "Nobody may call this method.");
        }
}

/* What the answer to a call may have, at a guess: it may list all objects, or be a piece of a log. */
static uint32_t answer_bytes(const Manager *manager, sd_bus_message *m) {
        const char *member = sd_bus_message_get_member(m);
        size_t n_objects = manager->jobs.n_items + manager->artifacts.n_items;

        if (str_equal(member, "GetLog"))
                return JOB_BUS_LOG_MAX_BYTES;
        if (str_after_prefix(member, "List") || str_equal(member, "GetManagedObjects"))
                return ANSWER_BYTES + (uint32_t) n_objects * OBJECT_BYTES;
        return ANSWER_BYTES;
}

static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        Manager *manager = userdata;
        Failure failure = {};
        int r;

        if (sd_bus_message_is_method_call(m, /* interface= */ NULL, /* member= */ NULL) <= 0)
                return 0;
        r = callers_admit(manager->callers, m, answer_bytes(manager, m), &failure);
        if (r == -EPIPE)
                return 1; /* unanswered */
        return r < 0 ? bus_failure(reterr_error, r, failure.message) : 0;
}

int bus_gate_open(Manager *manager) {
        return sd_bus_add_filter(manager->bus, /* slot= */ NULL, on_message, manager);
}
