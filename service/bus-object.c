/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Objects with a number. The path alone says which of the manager's lists one is in. */

#include "service/bus-object.h"

#include <errno.h>
#include <stdio.h>

#include "common/strings.h"
#include "dbus/names.h"

static const struct {
        const char *prefix;
        size_t offset; /* of the list in Manager */
} lists[] = {
        { BUS_PATH_JOB, offsetof(Manager, jobs) },
        { BUS_PATH_ARTIFACT, offsetof(Manager, artifacts) },
};

static const IdList *list_at(const Manager *manager, size_t i) {
        return (const IdList *) (const void *) ((const char *) manager + lists[i].offset);
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

static int on_find(
                sd_bus *bus _unused_,
                const char *path,
                const char *interface _unused_,
                void *userdata,
                void **ret_found,
                sd_bus_error *reterr_error _unused_) {
        uint32_t id;

        *ret_found = NULL;
        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                if (bus_object_path_to_id(path, lists[i].prefix, &id))
                        *ret_found = id_list_find(list_at(userdata, i), id);
        return *ret_found != NULL;
}

static int append_paths(char ***paths, const char *prefix, const IdList *list) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < list->n_items; i++) {
                const uint32_t *id = list->items[i];

                r = strv_append_take(paths, str_printf("%s/_%u", prefix, *id));
        }
        return r;
}

static int on_enumerate(
                sd_bus *bus _unused_,
                const char *prefix,
                void *userdata,
                char ***ret_paths,
                sd_bus_error *reterr_error _unused_) {
        _cleanup_strv_ char **paths = NULL;

        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                if (str_equal(lists[i].prefix, prefix) &&
                    append_paths(&paths, prefix, list_at(userdata, i)) < 0)
                        return -ENOMEM;
        *ret_paths = TAKE_PTR(paths);
        return 1;
}

int bus_object_register(
                Manager *manager,
                const char *prefix,
                const char *interface,
                const sd_bus_vtable *vtable) {
        int r = sd_bus_add_fallback_vtable(
                        manager->bus,
                        /* slot= */ NULL,
                        prefix,
                        interface,
                        vtable,
                        on_find,
                        manager);

        if (r >= 0)
                r = sd_bus_add_node_enumerator(
                                manager->bus,
                                /* slot= */ NULL,
                                prefix,
                                on_enumerate,
                                manager);
        return r;
}

Manager *bus_object_manager(sd_bus *bus) {
        return sd_bus_slot_get_userdata(sd_bus_get_current_slot(bus));
}

BUS_GETTER(bus_object_get_text) {
        const char *text = *(char *const *) userdata;

        return sd_bus_message_append(reply, "s", text ? text : "");
}
