/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* News of objects. Values are read as sd-bus reads them for Get(): by the vtable. */

#include "service/bus-announce.h"

#include <errno.h>

#include "common/strings.h"
#include "dbus/names.h"
#include "service/bus-object.h"

#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define PROPERTIES     "org.freedesktop.DBus.Properties"

/* What sd-bus puts on every object. */
static const char *const standard_interfaces[] = {
        "org.freedesktop.DBus.Peer",
        "org.freedesktop.DBus.Introspectable",
        PROPERTIES,
};

static uid_t owner_of(const BusInterface *interface, const void *object) {
        return *(const uid_t *) (const void *) ((const char *) object + interface->owner_offset);
}

static void path_of(
                const BusInterface *interface,
                const void *object,
                char ret_path[static BUS_OBJECT_PATH_SIZE]) {
        const uint32_t *id = object;

        (void) snprintf(ret_path, BUS_OBJECT_PATH_SIZE, "%s/_%u", interface->path, *id);
}

static int append_value(
                sd_bus *bus,
                const char *path,
                const BusInterface *interface,
                const sd_bus_vtable *v,
                void *object,
                sd_bus_message *m) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        void *member = (char *) object + v->x.property.offset;

        if (!v->x.property.get)
                return sd_bus_message_append_basic(m, *v->x.property.signature, member);
        return v->x.property
                        .get(bus, path, interface->name, v->x.property.member, m, member, &error);
}

static bool is_wanted(const sd_bus_vtable *v, const char *const *properties, size_t n_properties) {
        if (v->type != _SD_BUS_VTABLE_PROPERTY)
                return false;
        if (!properties)
                return !(v->flags & SD_BUS_VTABLE_PROPERTY_EXPLICIT);
        for (size_t i = 0; i < n_properties; i++)
                if (str_equal(properties[i], v->x.property.member))
                        return true;
        return false;
}

/* a{sv}: these properties, or all. */
static int append_properties(
                sd_bus *bus,
                const char *path,
                const BusInterface *interface,
                const void *object,
                const char *const *properties,
                size_t n_properties,
                sd_bus_message *m) {
        int r = sd_bus_message_open_container(m, 'a', "{sv}");

        for (const sd_bus_vtable *v = interface->vtable; r >= 0 && v->type != _SD_BUS_VTABLE_END;
             v++) {
                if (!is_wanted(v, properties, n_properties))
                        continue;
                r = sd_bus_message_open_container(m, 'e', "sv");
                if (r >= 0)
                        r = sd_bus_message_append(m, "s", v->x.property.member);
                if (r >= 0)
                        r = sd_bus_message_open_container(m, 'v', v->x.property.signature);
                if (r >= 0) /* sd-bus's type for getters; they do not write */
                        r = append_value(bus, path, interface, v, (void *) object, m);
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

void bus_announce_changed(
                Manager *manager,
                const BusInterface *interface,
                const void *object,
                const char *const *properties,
                size_t n_properties) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        uid_t owner = owner_of(interface, object);
        char path[BUS_OBJECT_PATH_SIZE];
        int r;

        if (!callers_has_listener(manager->callers, owner))
                return;
        path_of(interface, object, path);
        r = sd_bus_message_new_signal(manager->bus, &m, path, PROPERTIES, "PropertiesChanged");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", interface->name);
        if (r >= 0)
                r = append_properties(
                                manager->bus,
                                path,
                                interface,
                                object,
                                properties,
                                n_properties,
                                m);
        if (r >= 0)
                r = sd_bus_message_append(m, "as", 0);
        if (r >= 0)
                callers_tell(manager->callers, owner, m);
}

static int append_interfaces(
                Manager *manager,
                const char *path,
                const BusInterface *interface,
                const void *object,
                sd_bus_message *m) {
        int r = sd_bus_message_open_container(m, 'a', "{sa{sv}}");

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(standard_interfaces); i++)
                r = sd_bus_message_append(m, "{sa{sv}}", standard_interfaces[i], 0);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'e', "sa{sv}");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", interface->name);
        if (r >= 0)
                r = append_properties(
                                manager->bus,
                                path,
                                interface,
                                object,
                                /* properties= */ NULL,
                                /* n_properties= */ 0,
                                m);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

void bus_announce_added(Manager *manager, const BusInterface *interface, const void *object) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        uid_t owner = owner_of(interface, object);
        char path[BUS_OBJECT_PATH_SIZE];
        int r;

        if (!callers_has_listener(manager->callers, owner))
                return;
        path_of(interface, object, path);
        r = sd_bus_message_new_signal(
                        manager->bus,
                        &m,
                        BUS_PATH,
                        OBJECT_MANAGER,
                        "InterfacesAdded");
        if (r >= 0)
                r = sd_bus_message_append(m, "o", path);
        if (r >= 0)
                r = append_interfaces(manager, path, interface, object, m);
        if (r >= 0)
                callers_tell(manager->callers, owner, m);
}

void bus_announce_removed(Manager *manager, const BusInterface *interface, const void *object) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char path[BUS_OBJECT_PATH_SIZE];
        int r;

        path_of(interface, object, path);
        r = sd_bus_message_new_signal(
                        manager->bus,
                        &m,
                        BUS_PATH,
                        OBJECT_MANAGER,
                        "InterfacesRemoved");
        if (r >= 0)
                r = sd_bus_message_append(
                                m,
                                "oas",
                                path,
                                4,
                                standard_interfaces[0],
                                standard_interfaces[1],
                                standard_interfaces[2],
                                interface->name);
        if (r >= 0)
                callers_tell(manager->callers, owner_of(interface, object), m);
}
