/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Artifacts on the bus. Their files are given away as descriptors that can only read. */

#include "service/artifact-bus.h"

#include <errno.h>

#include "common/strings.h"
#include "dbus/errors.h"
#include "dbus/names.h"
#include "service/access.h"
#include "service/bus-list.h"
#include "service/bus-object.h"
#include "service/export-bus.h"

static int append_file(sd_bus_message *reply, const void *files, size_t index) {
        const ManifestFile *file = (const ManifestFile *) files + index;

        return sd_bus_message_append(reply, "(sts)", file->path, file->size_bytes, file->digest);
}

static int act_list_files(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        const Artifact *artifact = manager_find_artifact(manager, id);
        _cleanup_manifest_ Manifest manifest = {};
        Failure failure = {};
        int r;

        if (!artifact)
                return access_refuse_unknown(m, reterr_error);
        r = artifact_read_manifest(
                        artifact,
                        manager->store,
                        /* ret_text= */ NULL,
                        &manifest,
                        &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        return bus_list_reply(m, "(sts)", manifest.files, manifest.n_files, append_file);
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
        if (r >= 0)
                r = fd = artifact_open_file(artifact, manager->store, path, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
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

static int ask(const Artifact *artifact,
               sd_bus_message *m,
               const char *verb,
               AccessAct act,
               sd_bus_error *reterr_error) {
        const AccessObject object = { "artifact", artifact->id, artifact->owner };

        return access_ask(m, &object, verb, act, reterr_error);
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

static BUS_GETTER(property_get_manifest) {
        const Manager *manager = bus_object_manager(bus);
        const Artifact *artifact = userdata;
        _cleanup_free_ char *text = NULL;
        Failure failure = {};
        int r;

        if (!access_is_own(bus, artifact->owner))
                return bus_failure(
                                reterr_error,
                                -EACCES,
                                "The manifest is its owner's; who may manage artifacts of others reads the file manifest.json instead.");
        r = artifact_read_manifest(
                        artifact,
                        manager->store,
                        &text,
                        /* ret= */ NULL,
                        &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        str_make_utf8(text);
        return sd_bus_message_append(reply, "s", text);
}

#define CONST_ SD_BUS_VTABLE_PROPERTY_CONST

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
        BUS_OBJECT_NUMBER("Id", "u", Artifact, id, CONST_),
        BUS_OBJECT_NUMBER("OwnerUID", "u", Artifact, owner, CONST_),
        BUS_OBJECT_TEXT("Title", Artifact, title, CONST_),
        BUS_OBJECT_TEXT("Format", Artifact, format, CONST_),
        BUS_OBJECT_NUMBER("Created", "t", Artifact, created_usec, CONST_),
        BUS_OBJECT_NUMBER("Size", "t", Artifact, size_bytes, CONST_),
        SD_BUS_PROPERTY("Manifest",
                        "s",
                        property_get_manifest,
                        0,
                        CONST_ | SD_BUS_VTABLE_PROPERTY_EXPLICIT),
        SD_BUS_VTABLE_END,
};

int artifact_bus_register(Manager *manager) {
        return bus_object_register(
                        manager,
                        BUS_PATH_ARTIFACT,
                        BUS_INTERFACE_ARTIFACT,
                        artifact_vtable);
}

void artifact_bus_add(Manager *manager, Artifact *artifact) {
        char path[BUS_OBJECT_PATH_SIZE];

        bus_object_artifact_path(artifact->id, path);
        (void) sd_bus_emit_object_added(manager->bus, path);
}

void artifact_bus_remove(Manager *manager, Artifact *artifact) {
        char path[BUS_OBJECT_PATH_SIZE];

        bus_object_artifact_path(artifact->id, path);
        (void) sd_bus_emit_object_removed(manager->bus, path);
}
