/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Objects with a number. The path alone says which of the manager's lists one is in. */

#include "service/bus-object.h"

#include <errno.h>
#include <stdio.h>

#include "common/strings.h"
#include "dbus/names.h"

/* One list of the manager's. */
typedef struct Kind {
        const char *prefix;
        void *(*find)(const Manager *manager, uint32_t id);
        uint32_t (*id_at)(const Manager *manager, size_t index); /* 0 behind the last */
} Kind;

static void *find_job(const Manager *manager, uint32_t id) {
        return manager_find_job(manager, id);
}

static uint32_t job_id_at(const Manager *manager, size_t index) {
        return index < manager->n_jobs ? manager->jobs[index]->id : 0;
}

static void *find_artifact(const Manager *manager, uint32_t id) {
        return manager_find_artifact(manager, id);
}

static uint32_t artifact_id_at(const Manager *manager, size_t index) {
        return index < manager->n_artifacts ? manager->artifacts[index]->id : 0;
}

static const Kind kinds[] = {
        { BUS_PATH_JOB, find_job, job_id_at },
        { BUS_PATH_ARTIFACT, find_artifact, artifact_id_at },
};

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
        for (const Kind *kind = kinds; kind < kinds + ELEMENTSOF(kinds); kind++)
                if (bus_object_path_to_id(path, kind->prefix, &id))
                        *ret_found = kind->find(userdata, id);
        return *ret_found != NULL;
}

static int append_path(char ***paths, const Kind *kind, uint32_t id) {
        return strv_append_take(paths, str_printf("%s/_%u", kind->prefix, id));
}

static int on_enumerate(
                sd_bus *bus _unused_,
                const char *prefix,
                void *userdata,
                char ***ret_paths,
                sd_bus_error *reterr_error _unused_) {
        _cleanup_strv_ char **paths = NULL;
        const Manager *manager = userdata;
        int r = 0;

        for (const Kind *kind = kinds; kind < kinds + ELEMENTSOF(kinds); kind++) {
                if (!str_equal(kind->prefix, prefix))
                        continue;
                for (size_t i = 0; r >= 0 && kind->id_at(manager, i) > 0; i++)
                        r = append_path(&paths, kind, kind->id_at(manager, i));
        }
        if (r < 0)
                return r;
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
