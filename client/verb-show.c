/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl show. */

#include <inttypes.h>
#include <stdio.h>

#include "client/artifact.h"
#include "client/call.h"
#include "client/print.h"
#include "client/table-out.h"
#include "client/verb.h"
#include "common/fd.h"
#include "common/strings.h"

#define MANIFEST_MAX_BYTES (16U * 1024U * 1024U)

typedef struct ShowArguments {
        bool manifest;
        bool json;
        bool no_ask_password;
} ShowArguments;

#define AT(member) offsetof(ShowArguments, member)

/* clang-format off */
static const Option show_options[] = {
        { "manifest", 'm', OPTION_FLAG, NULL, AT(manifest), "Print its manifest.json instead" },
        OPTION_JSON(ShowArguments),
        OPTION_NO_ASK_PASSWORD(ShowArguments),
        {},
};
/* clang-format on */

static const Column columns[] = {
        { "Id", "id", 'u', COLUMN_PLAIN },          { "OwnerUID", "ownerUid", 'u', COLUMN_USER },
        { "Title", "title", 's', COLUMN_PLAIN },    { "Format", "format", 's', COLUMN_PLAIN },
        { "Created", "created", 't', COLUMN_TIME }, { "Size", "size", 't', COLUMN_SIZE },
};

static void print_files(const Artifact *artifact) {
        for (size_t i = 0; i < artifact->n_files; i++) {
                const ArtifactFile *file = &artifact->files[i];
                char size[32];

                format_size(file->size, size, sizeof(size));
                printf("%s  %04o  %10s  ", file->digest, (unsigned) file->permissions, size);
                print_line(stdout, file->path);
        }
}

static void file_to_json(Json *json, const ArtifactFile *file) {
        char permissions[8];

        (void) snprintf(permissions, sizeof(permissions), "%04o", (unsigned) file->permissions);
        json_begin_object(json, NULL);
        json_string(json, "path", file->path);
        json_number(json, "size", file->size);
        json_string(json, "permissions", permissions);
        json_string(json, "sha256", file->digest);
        json_end_object(json);
}

static int print_artifact_json(const Artifact *artifact, const Value *values, size_t n_columns) {
        _cleanup_json_ Json json = {};

        json_begin_object(&json, NULL);
        record_to_json(&json, columns, n_columns, values);
        json_begin_array(&json, "files");
        for (size_t i = 0; i < artifact->n_files; i++)
                file_to_json(&json, &artifact->files[i]);
        json_end_array(&json);
        json_end_object(&json);
        return print_json(&json);
}

static int print_manifest(const Artifact *artifact, Failure *reterr) {
        _cleanup_close_ int fd = artifact->open_file(artifact, ARTIFACT_MANIFEST, reterr);
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (fd < 0)
                return fd;
        r = fd_pread_all(fd, MANIFEST_MAX_BYTES, &text, &size);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot read the manifest");
        (void) fwrite(text, 1, size, stdout);
        return 0;
}

static int show(sd_bus *bus, const char *path, const ShowArguments *a, Failure *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_artifact_ Artifact artifact = {};
        Value values[ELEMENTSOF(columns)] = {};
        size_t n_columns = ELEMENTSOF(columns);
        int r;

        r = artifact_load(bus, path, &artifact, reterr);
        if (r >= 0 && a->manifest)
                return print_manifest(&artifact, reterr);
        if (r >= 0)
                r = call_get_all(bus, path, &reply, reterr);
        /* Who may read another user's files is not told more of it. */
        if (r == -ENOENT && artifact.n_files > 0)
                n_columns = 0;
        else if (r < 0)
                return r;
        r = n_columns > 0 ? record_read(reply, columns, n_columns, values) : 0;
        if (r < 0) {
                r = call_garbled(r, reterr);
        } else if (a->json) {
                r = print_artifact_json(&artifact, values, n_columns);
        } else {
                record_print(columns, n_columns, values);
                print_files(&artifact);
                r = 0;
        }
        values_clear(values, ELEMENTSOF(values));
        return r;
}

static int run(const void *arguments, char **words, Failure *reterr) {
        const ShowArguments *a = arguments;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_free_ char *path = NULL;
        int r;

        r = call_connect_to(
                        call_artifact_path,
                        words[0],
                        call_password(a->no_ask_password),
                        &bus,
                        &path,
                        reterr);
        return r < 0 ? r : show(bus, path, a, reterr);
}

const Verb verb_show = {
        .name = "show",
        .words = "ARTIFACT",
        .summary = "Show an artifact and its files, with SHA-256 and permissions",
        .options = show_options,
        .arguments_size = sizeof(ShowArguments),
        .min_words = 1,
        .max_words = 1,
        .run = run,
};
