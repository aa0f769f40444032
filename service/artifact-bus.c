/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Artifacts on the bus. Their files are given away as descriptors that can only read. */

#include "service/artifact-bus.h"

#include <errno.h>

#include "common/strings.h"
#include "dbus/errors.h"
#include "dbus/names.h"
#include "service/access.h"
#include "service/bus-path.h"
#include "service/bus-property.h"
#include "service/export-bus.h"

void artifact_bus_announce(Manager *manager, uint32_t id) {
        char path[BUS_PATH_SIZE];

        bus_path_of_artifact(id, path);
        (void) sd_bus_emit_object_added(manager->bus, path);
}

void artifact_bus_vanish(Manager *manager, uint32_t id) {
        char path[BUS_PATH_SIZE];

        bus_path_of_artifact(id, path);
        (void) sd_bus_emit_object_removed(manager->bus, path);
}

static int append_file(sd_bus_message *reply, const ArtifactFile *file) {
        return sd_bus_message_append(reply, "(sts)", file->path, file->size_bytes, file->digest);
}

/* The manifest cannot list itself; it takes its place among the others here. */
static int append_files(sd_bus_message *reply, const Manifest *manifest, const char *text) {
        ArtifactFile itself = { .path = (char *) ARTIFACT_MANIFEST, .size_bytes = strlen(text) };
        bool is_listed = manifest_find(manifest, ARTIFACT_MANIFEST) != NULL;
        int r = sd_bus_message_open_container(reply, 'a', "(sts)");

        digest_bytes(text, itself.size_bytes, itself.digest);
        for (size_t i = 0; r >= 0 && i < manifest->n_files; i++) {
                if (!is_listed && strcmp(manifest->files[i].path, itself.path) > 0) {
                        is_listed = true;
                        r = append_file(reply, &itself);
                }
                if (r >= 0)
                        r = append_file(reply, &manifest->files[i]);
        }
        if (r >= 0 && !is_listed)
                r = append_file(reply, &itself);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int act_list_files(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Artifact *artifact = manager_find_artifact(manager, id);
        _cleanup_manifest_ Manifest manifest = {};
        _cleanup_free_ char *text = NULL;
        Failure failure = {};
        int r;

        if (!artifact)
                return access_refuse_unknown(m, reterr_error);
        r = artifact_read_manifest(artifact, manager->store, &text, &manifest, &failure);
        if (r < 0)
                return bus_failure(reterr_error, -EIO, failure.message);
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append_files(reply, &manifest, text);
        return r < 0 ? r : sd_bus_send(manager->bus, reply, /* ret_cookie= */ NULL);
}

static int act_open_file(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        const Artifact *artifact = manager_find_artifact(manager, id);
        _cleanup_close_ int fd = -EBADF;
        Failure failure = {};
        const char *path;
        int r;

        if (!artifact)
                return access_refuse_unknown(m, reterr_error);
        r = sd_bus_message_read(m, "s", &path);
        if (r < 0)
                return r;
        fd = artifact_open_file(artifact, manager->store, path, &failure);
        if (fd < 0)
                return bus_failure(reterr_error, fd, failure.message);
        return sd_bus_reply_method_return(m, "h", fd);
}

static int act_remove(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        Artifact *artifact = manager_find_artifact(manager, id);
        Failure failure = {};
        int r;

        if (!artifact)
                return access_refuse_unknown(m, reterr_error);
        r = manager_remove_artifact(manager, artifact, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        return sd_bus_reply_method_return(m, NULL);
}

/* The vtable hands over an artifact; the manager it belongs to comes with the slot. */
static int ask(Artifact *artifact,
               sd_bus_message *m,
               const char *verb,
               AccessAct act,
               sd_bus_error *reterr_error) {
        const AccessObject object = { "artifact", artifact->id, artifact->owner };
        Manager *manager = sd_bus_slot_get_userdata(
                        sd_bus_get_current_slot(sd_bus_message_get_bus(m)));

        return access_ask(manager, m, &object, verb, act, reterr_error);
}

static int method_list_files(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        return ask(userdata, m, "list", act_list_files, reterr_error);
}

static int method_open_file(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        return ask(userdata, m, "read", act_open_file, reterr_error);
}

static int method_export(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        return ask(userdata, m, "export", export_bus_act_export, reterr_error);
}

static int method_remove(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        return ask(userdata, m, "remove", act_remove, reterr_error);
}

PROPERTY_GETTER(property_get_text) {
        const char *text = *(char *const *) userdata;

        return sd_bus_message_append(reply, "s", text ? text : "");
}

PROPERTY_GETTER(property_get_manifest) {
        const Manager *manager = sd_bus_slot_get_userdata(sd_bus_get_current_slot(bus));
        const Artifact *artifact = userdata;
        _cleanup_free_ char *text = NULL;
        Failure failure = {};
        int r;

        if (!access_is_own(bus, artifact->owner))
                return bus_failure(
                                reterr_error,
                                -EACCES,
                                "The manifest is its owner's; OpenFile(\"manifest.json\") asks polkit.");
        r = artifact_read_manifest(
                        artifact,
                        manager->store,
                        &text,
                        /* ret= */ NULL,
                        &failure);
        if (r < 0)
                return bus_failure(reterr_error, -EIO, failure.message);
        str_make_utf8(text);
        return sd_bus_message_append(reply, "s", text);
}

#define TEXT(name, member)                          \
        SD_BUS_PROPERTY(name,                       \
                        "s",                        \
                        property_get_text,          \
                        offsetof(Artifact, member), \
                        SD_BUS_VTABLE_PROPERTY_CONST)
#define NUMBER(name, type, member) \
        SD_BUS_PROPERTY(name, type, NULL, offsetof(Artifact, member), SD_BUS_VTABLE_PROPERTY_CONST)

static const sd_bus_vtable artifact_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS(
                        "ListFiles",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a(sts)", files),
                        method_list_files,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "OpenFile",
                        SD_BUS_ARGS("s", path),
                        SD_BUS_RESULT("h", file),
                        method_open_file,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "Export",
                        SD_BUS_ARGS("s", target, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        method_export,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Remove", "", "", method_remove, SD_BUS_VTABLE_UNPRIVILEGED),
        NUMBER("Id", "u", id),
        NUMBER("OwnerUID", "u", owner),
        TEXT("Title", title),
        TEXT("Format", format),
        NUMBER("Created", "t", created_usec),
        NUMBER("Size", "t", size_bytes),
        SD_BUS_PROPERTY("Manifest",
                        "s",
                        property_get_manifest,
                        0,
                        SD_BUS_VTABLE_PROPERTY_CONST | SD_BUS_VTABLE_PROPERTY_EXPLICIT),
        SD_BUS_VTABLE_END,
};

static int find_artifact(
                sd_bus *bus,
                const char *path,
                const char *interface,
                void *userdata,
                void **ret_found,
                sd_bus_error *reterr_error) {
        uint32_t id;

        (void) bus;
        (void) interface;
        (void) reterr_error;
        if (!bus_path_to_id(path, BUS_PATH_ARTIFACT, &id))
                return 0;
        *ret_found = manager_find_artifact(userdata, id);
        return *ret_found != NULL;
}

static int enumerate_artifacts(
                sd_bus *bus,
                const char *prefix,
                void *userdata,
                char ***ret_nodes,
                sd_bus_error *reterr_error) {
        _cleanup_strv_ char **nodes = NULL;
        const Manager *manager = userdata;

        (void) bus;
        (void) prefix;
        (void) reterr_error;
        for (size_t i = 0; i < manager->n_artifacts; i++) {
                char path[BUS_PATH_SIZE];

                bus_path_of_artifact(manager->artifacts[i]->id, path);
                if (strv_append(&nodes, path) < 0)
                        return -ENOMEM;
        }
        *ret_nodes = TAKE_PTR(nodes);
        return 1;
}

int artifact_bus_register(Manager *manager) {
        int r = sd_bus_add_fallback_vtable(
                        manager->bus,
                        /* slot= */ NULL,
                        BUS_PATH_ARTIFACT,
                        BUS_INTERFACE_ARTIFACT,
                        artifact_vtable,
                        find_artifact,
                        manager);

        if (r >= 0)
                r = sd_bus_add_node_enumerator(
                                manager->bus,
                                /* slot= */ NULL,
                                BUS_PATH_ARTIFACT,
                                enumerate_artifacts,
                                manager);
        return r;
}
