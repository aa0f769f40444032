/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Objects with a number. The path alone says which of the manager's lists one is in, and the message
 * that is being handled for whom it is looked for. */

#include "service/bus-object.h"

#include <errno.h>
#include <stdio.h>

#include "common/strings.h"
#include "dbus/names.h"
#include "service/access.h"
#include "service/bus-gate.h"

/* Stands in for an object that is not there, or that the caller may not see, while it is asked
 * whether the caller may: a method finds the object by its number, if at all. */
static char unseen;

static const IdList *list_of(const Manager *manager, const BusInterface *interface) {
        return (const IdList *) (const void *) ((const char *) manager + interface->list_offset);
}

static uid_t owner_of(const BusInterface *interface, const void *object) {
        return *(const uid_t *) (const void *) ((const char *) object + interface->owner_offset);
}

void bus_object_job_path(uint32_t id, char ret_path[static BUS_OBJECT_PATH_SIZE]) {
        (void) snprintf(ret_path, BUS_OBJECT_PATH_SIZE, BUS_PATH_JOB_FORMAT, id);
}

void bus_object_artifact_path(uint32_t id, char ret_path[static BUS_OBJECT_PATH_SIZE]) {
        if (id > 0)
                (void) snprintf(ret_path, BUS_OBJECT_PATH_SIZE, BUS_PATH_ARTIFACT_FORMAT, id);
        else
                (void) snprintf(ret_path, BUS_OBJECT_PATH_SIZE, BUS_PATH_NONE);
}

bool bus_object_path_to_id(const char *path, const char *prefix, uint32_t *ret_id) {
        const char *rest = str_after_prefix(path, prefix);
        const char *digits = rest ? str_after_prefix(rest, "/_") : NULL;
        uint64_t id;

        /* One path for each object: no zeros in front. */
        if (!digits || *digits == '0' || str_to_u64(digits, UINT32_MAX, &id) < 0)
                return false;
        *ret_id = (uint32_t) id;
        return true;
}

static bool may_see(
                const Manager *manager,
                const BusInterface *interface,
                const void *object,
                sd_bus_message *m) {
        uid_t uid;

        return m && callers_get_user(manager->callers, m, &uid) >= 0 &&
               access_is_own(uid, owner_of(interface, object));
}

void *bus_object_find_visible(
                const Manager *manager,
                const BusInterface *interface,
                uint32_t id,
                sd_bus_message *m) {
        void *object = id_list_find(list_of(manager, interface), id);

        return object && may_see(manager, interface, object, m) ? object : NULL;
}

/* sd-bus asks for each message anew. Its own interfaces find what the caller may see; our methods get
 * as far as the gate for every number, which asks polkit. */
static int find(const Manager *manager,
                const BusInterface *interface,
                sd_bus_message *m,
                const char *path,
                void **ret_found) {
        uint32_t id;

        *ret_found = NULL;
        if (!m || !bus_object_path_to_id(path, interface->path, &id))
                return 0;
        *ret_found = bus_object_find_visible(manager, interface, id, m);
        if (!*ret_found && str_equal(sd_bus_message_get_interface(m), interface->name))
                *ret_found = &unseen;
        return *ret_found != NULL;
}

static int append_paths(
                const Manager *manager,
                const BusInterface *interface,
                sd_bus_message *m,
                char ***paths) {
        const IdList *list = list_of(manager, interface);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < list->n_items; i++) {
                const uint32_t *id = list->items[i];

                if (may_see(manager, interface, list->items[i], m))
                        r = strv_append_take(paths, str_printf("%s/_%u", interface->path, *id));
        }
        return r;
}

static const BusInterface *interface_at(const Manager *manager, const char *path) {
        const char *rest;

        for (const BusInterface *const *i = manager->interfaces; *i; i++) {
                rest = (*i)->noun ? str_after_prefix(path, (*i)->path) : NULL;
                if (rest && (*rest == '\0' || *rest == '/'))
                        return *i;
        }
        return NULL;
}

static int on_find(
                sd_bus *bus,
                const char *path,
                const char *name _unused_,
                void *userdata,
                void **ret_found,
                sd_bus_error *reterr_error _unused_) {
        const BusInterface *interface = interface_at(userdata, path);

        *ret_found = NULL;
        if (!interface)
                return 0;
        return find(userdata, interface, sd_bus_get_current_message(bus), path, ret_found);
}

static int on_enumerate(
                sd_bus *bus,
                const char *prefix,
                void *userdata,
                char ***ret_paths,
                sd_bus_error *reterr_error _unused_) {
        const BusInterface *interface = interface_at(userdata, prefix);
        _cleanup_strv_ char **paths = NULL;

        if (interface && str_equal(interface->path, prefix) &&
            append_paths(userdata, interface, sd_bus_get_current_message(bus), &paths) < 0)
                return -ENOMEM;
        *ret_paths = TAKE_PTR(paths);
        return 1;
}

int bus_object_register(Manager *manager, const BusInterface *interface, Failure *reterr) {
        int r = bus_gate_check(interface, reterr);

        if (r < 0)
                return r;
        if (!interface->noun)
                return sd_bus_add_object_vtable(
                                manager->bus,
                                /* slot= */ NULL,
                                interface->path,
                                interface->name,
                                interface->vtable,
                                manager);
        r = sd_bus_add_fallback_vtable(
                        manager->bus,
                        /* slot= */ NULL,
                        interface->path,
                        interface->name,
                        interface->vtable,
                        on_find,
                        manager);
        if (r >= 0)
                r = sd_bus_add_node_enumerator(
                                manager->bus,
                                /* slot= */ NULL,
                                interface->path,
                                on_enumerate,
                                manager);
        return r;
}

int bus_object_reply_list(
                Manager *manager,
                const BusInterface *interface,
                BusObjectWhose whose,
                sd_bus_message *m,
                const char *signature,
                BusObjectAppend append) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const IdList *list = list_of(manager, interface);
        int r = sd_bus_message_new_method_return(m, &reply);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', signature);
        for (size_t i = 0; r >= 0 && i < list->n_items; i++)
                if (whose == BUS_OBJECTS_ALL || may_see(manager, interface, list->items[i], m))
                        r = append(reply, list->items[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(manager->bus, reply, /* ret_cookie= */ NULL);
}

Manager *bus_object_manager(sd_bus *bus) {
        return sd_bus_slot_get_userdata(sd_bus_get_current_slot(bus));
}

BUS_GETTER(bus_object_get_text) {
        const char *text = *(char *const *) userdata;

        return sd_bus_message_append(reply, "s", text ? text : "");
}
