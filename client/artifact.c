/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An artifact's files. The service's word is not enough for a path or for permissions: they are
 * checked once, here, where they come in. */

#include "client/artifact.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "client/call.h"
#include "common/strings.h"

static bool is_safe_path(const char *path) {
        _cleanup_strv_ char **parts = strv_split(path, "/");
        _cleanup_free_ char *again = parts ? strv_join(parts, "/") : NULL;

        return again && str_equal(again, path) && !str_is_empty(path) &&
               !strv_contains(parts, "..") && !strv_contains(parts, ".");
}

int artifact_add_file(
                Artifact *artifact,
                const char *path,
                uint64_t size,
                const char *digest,
                uint32_t permissions) {
        ArtifactFile *files, *file;

        if (!is_safe_path(path) || strlen(digest) != DIGEST_SIZE - 1 || permissions > 0777)
                return -EBADMSG;
        files = reallocarray(artifact->files, artifact->n_files + 1, sizeof(ArtifactFile));
        if (!files)
                return -ENOMEM;
        artifact->files = files;
        file = &files[artifact->n_files];
        *file = (ArtifactFile){ .path = strdup(path), .size = size, .permissions = permissions };
        if (!file->path)
                return -ENOMEM;
        memcpy(file->digest, digest, DIGEST_SIZE);
        artifact->n_files++;
        return 0;
}

static int open_by_bus(const Artifact *artifact, const char *path, Failure *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int fd, r;

        r = call_method(artifact->bus, artifact->path, "OpenFile", &reply, reterr, "s", path);
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "h", &fd);
        if (r < 0)
                return call_garbled(r, reterr);
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* the message keeps its own */
        return fd < 0 ? failure_set_errno(reterr, -errno, "Cannot keep the file '%s'", path) : fd;
}

int artifact_read_list(sd_bus_message *m, Artifact *artifact) {
        const char *path, *digest;
        uint32_t permissions;
        uint64_t size;
        int r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "(stsu)");

        while (r >= 0 &&
               (r = sd_bus_message_read(m, "(stsu)", &path, &size, &digest, &permissions)) > 0)
                r = artifact_add_file(artifact, path, size, digest, permissions);
        return r;
}

int artifact_load(sd_bus *bus, const char *path, Artifact *ret, Failure *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        *ret = (Artifact){
                .open_file = open_by_bus,
                .bus = bus,
                .path = path,
                .folder_fd = -EBADF,
        };
        r = call_method(bus, path, "ListFiles", &reply, reterr, "");
        if (r < 0)
                return r;
        r = artifact_read_list(reply, ret);
        return r < 0 ? call_garbled(r == -EBADMSG ? -EPROTO : r, reterr) : 0;
}

const ArtifactFile *artifact_find(const Artifact *artifact, const char *path) {
        bool below = str_has_suffix(path, "/");

        for (size_t i = 0; i < artifact->n_files; i++)
                if (below ? str_after_prefix(artifact->files[i].path, path) != NULL
                          : str_equal(artifact->files[i].path, path))
                        return &artifact->files[i];
        return NULL;
}

const char *artifact_pxe_path(const ArtifactFile *file) {
        return str_after_prefix(file->path, ARTIFACT_TFTP "/")
                        ?: str_after_prefix(file->path, ARTIFACT_HTTP "/")
                        ?: str_after_prefix(file->path, ARTIFACT_PXE "/");
}

void artifact_done(Artifact *artifact) {
        for (size_t i = 0; i < artifact->n_files; i++)
                free(artifact->files[i].path);
        free(artifact->files);
        artifact->files = NULL;
        artifact->n_files = 0;
}
