/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Artifacts on the bus. Their files are given away as descriptors that can only read. */

#include "service/artifact-bus.h"

#include "common/strings.h"
#include "dbus/errors.h"
#include "dbus/names.h"
#include "service/access.h"
#include "service/bus-announce.h"
#include "service/bus-gate.h"
#include "service/bus-list.h"
#include "service/bus-object.h"
#include "service/export-bus.h"

static int append_file(sd_bus_message *reply, const void *files, size_t index) {
        const ManifestFile *file = (const ManifestFile *) files + index;

        return sd_bus_message_append(
                        reply,
                        "(stsu)",
                        file->path,
                        file->size_bytes,
                        file->digest,
                        (uint32_t) file->permissions);
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
        return bus_list_reply(m, "(stsu)", manifest.files, manifest.n_files, append_file);
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
                r = callers_grant_fd(manager->callers, m, &failure);
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

static BUS_GETTER(property_get_manifest) {
        const Manager *manager = bus_object_manager(bus);
        const Artifact *artifact = userdata;
        _cleanup_free_ char *text = NULL;
        Failure failure = {};
        int r;

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
                        SD_BUS_RESULT("a(stsu)", files),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "OpenFile",
                        SD_BUS_ARGS("s", path),
                        SD_BUS_RESULT("h", file),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS(
                        "Export",
                        SD_BUS_ARGS("s", target, "a{sv}", options),
                        SD_BUS_RESULT("u", id, "o", job),
                        bus_gate_method,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Remove", "", "", bus_gate_method, SD_BUS_VTABLE_UNPRIVILEGED),
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

static const BusMethod artifact_methods[] = {
        { "ListFiles", BUS_ACCESS_OWNER, act_list_files, "list", {} },
        { "OpenFile", BUS_ACCESS_OWNER, act_open_file, "read", {} },
        { "Export",
          BUS_ACCESS_OWNER,
          export_bus_act_export,
          "export",
          { AUTHORIZE_ACTION_EXPORT } },
        { "Remove", BUS_ACCESS_OWNER, act_remove, "remove", {} },
};

const BusInterface artifact_bus_interface = {
        .name = BUS_INTERFACE_ARTIFACT,
        .path = BUS_PATH_ARTIFACT,
        .noun = "artifact",
        .list_offset = offsetof(Manager, artifacts),
        .owner_offset = offsetof(Artifact, owner),
        .vtable = artifact_vtable,
        .methods = artifact_methods,
        .n_methods = ELEMENTSOF(artifact_methods),
};

void artifact_bus_add(Manager *manager, Artifact *artifact) {
        bus_announce_added(manager, &artifact_bus_interface, artifact);
}

void artifact_bus_remove(Manager *manager, Artifact *artifact) {
        bus_announce_removed(manager, &artifact_bus_interface, artifact);
}
