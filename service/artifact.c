/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Artifacts on disk: .new-<id> while a job makes one, <id> from one rename on. Nothing in them is
 * ever changed after that.
 */

#include "service/artifact.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "service/record.h"
#include "service/system-failure.h"

#define FILES_NAME "files"

static const char *const formats[] = { "iso", "pxe", "iso+pxe" };

static const RecordMember record_members[] = {
        { "id", RECORD_U32, offsetof(Artifact, id) },
        { "owner", RECORD_U32, offsetof(Artifact, owner) },
        { "title", RECORD_TEXT, offsetof(Artifact, title) },
        { "format", RECORD_TEXT, offsetof(Artifact, format) },
        { "created", RECORD_U64, offsetof(Artifact, created_usec) },
        { "size", RECORD_U64, offsetof(Artifact, size_bytes) },
};

void artifact_format_output(uint32_t id, char ret_name[static STORE_NAME_SIZE]) {
        (void) snprintf(ret_name, STORE_NAME_SIZE, STORE_NEW "%u", id);
}

static int open_folder(const Store *store, const char *name, const char *below) {
        _cleanup_free_ char *path = below ? str_printf("%s/%s", name, below) : strdup(name);

        if (!path)
                return -ENOMEM;
        return fd_open_beneath(store->artifacts_fd, path, O_RDONLY | O_DIRECTORY, 0);
}

int artifact_create_output(const Store *store, uint32_t id, Failure *reterr) {
        _cleanup_free_ char *path = NULL;
        char name[STORE_NAME_SIZE];
        int r;

        artifact_format_output(id, name);
        path = str_printf("%s/" FILES_NAME, name);
        r = path ? fs_mkdir_beneath(store->artifacts_fd, path, 0700) : -ENOMEM;
        if (r >= 0)
                r = open_folder(store, name, FILES_NAME);
        if (r < 0)
                return system_failure_set(
                                reterr,
                                r,
                                "Cannot make the folder of the new artifact %u",
                                id);
        return r;
}

static int read_manifest(int files_fd, char **ret_text, Manifest *ret, Failure *reterr) {
        _cleanup_close_ int fd = fd_open_beneath(
                        files_fd,
                        ARTIFACT_MANIFEST,
                        O_RDONLY | O_NONBLOCK | O_NOCTTY,
                        0);
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = fd < 0 ? fd : fd_pread_all(fd, MANIFEST_MAX_BYTES, &text, &size);
        if (r < 0)
                return failure_set(reterr, -EIO, "The manifest cannot be read: %s", strerror(-r));
        r = ret ? manifest_parse(text, size, ret, reterr) : 0;
        if (r >= 0 && ret_text)
                *ret_text = TAKE_PTR(text);
        return r;
}

/* Makes it a file that only the service itself could write or run. Whoever has a descriptor for
 * reading can open the file anew and execute it, however closed the folders above are; so owner and
 * mode must not be the worker's. Changing the owner takes set-id bits and capabilities away, too. The
 * mode that a copy gets is in the manifest. */
static int seal_file(int files_fd, const char *path, uint64_t *ret_size) {
        _cleanup_close_ int fd = fd_open_beneath(
                        files_fd,
                        path,
                        O_RDONLY | O_NONBLOCK | O_NOCTTY,
                        0);
        struct stat st;

        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;
        if (fchown(fd, geteuid(), getegid()) < 0 || fchmod(fd, 0400) < 0 || fsync(fd) < 0)
                return -errno;
        *ret_size = (uint64_t) st.st_size;
        return 0;
}

/* The size that counts is the files' own, not what the manifest claims. */
static int take_file(int files_fd, const ManifestFile *file, uint64_t *size, Failure *reterr) {
        uint64_t size_bytes = 0;
        int r = seal_file(files_fd, file->path, &size_bytes);

        if (r == -EIO || r == -ENOSPC || r == -EROFS)
                return system_failure_set(
                                reterr,
                                r,
                                "Cannot bring '%s' to disk in the state folder",
                                file->path);
        if (r < 0 || size_bytes != file->size_bytes)
                return failure_set(
                                reterr,
                                -EIO,
                                "The worker's manifest names '%s', which is not there as it says.",
                                file->path);
        *size += size_bytes;
        return 0;
}

static int take_files(int files_fd, uint64_t *ret_size, Failure *reterr) {
        _cleanup_manifest_ Manifest manifest = {};
        uint64_t size = 0;
        int r = read_manifest(files_fd, /* ret_text= */ NULL, &manifest, reterr);

        for (size_t i = 0; r >= 0 && i < manifest.n_files; i++)
                r = take_file(files_fd, &manifest.files[i], &size, reterr);
        if (r < 0)
                return r;
        *ret_size = size;
        return 0;
}

/* Gives the folder another name, on disk too, or leaves it as it was. */
static int rename_folder(const Store *store, const char *from, const char *to) {
        int error;

        if (renameat2(store->artifacts_fd, from, store->artifacts_fd, to, RENAME_NOREPLACE) < 0)
                return -errno;
        if (fsync(store->artifacts_fd) >= 0)
                return 0;
        error = -errno;
        (void) renameat2(store->artifacts_fd, to, store->artifacts_fd, from, RENAME_NOREPLACE);
        return error;
}

static int write_record(Artifact *artifact, int folder_fd, int files_fd, Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        struct timespec now;
        int r = take_files(files_fd, &artifact->size_bytes, reterr);

        if (r < 0)
                return r;
        (void) clock_gettime(CLOCK_REALTIME, &now);
        artifact->created_usec = (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
        r = artifact_format_record(artifact, &text);
        if (r >= 0)
                r = fs_write_atomic(folder_fd, RECORD_NAME, text, strlen(text), 0600);
        return r < 0 ? system_failure_set(reterr, r, "Cannot write the record of the new artifact")
                     : 0;
}

int artifact_publish(const Artifact *artifact, const Store *store, Failure *reterr) {
        _cleanup_close_ int folder_fd = -EBADF, files_fd = -EBADF;
        char from[STORE_NAME_SIZE], to[STORE_NAME_SIZE];
        Artifact published = *artifact; /* borrows the texts */
        int r;

        artifact_format_output(artifact->id, from);
        (void) snprintf(to, sizeof(to), "%u", artifact->id);
        folder_fd = open_folder(store, from, /* below= */ NULL);
        files_fd = open_folder(store, from, FILES_NAME);
        if (folder_fd < 0 || files_fd < 0)
                return system_failure_set(
                                reterr,
                                folder_fd < 0 ? folder_fd : files_fd,
                                "Cannot open the folder of the new artifact");
        r = write_record(&published, folder_fd, files_fd, reterr);
        if (r < 0)
                return r;
        r = rename_folder(store, from, to);
        return r < 0 ? system_failure_set(reterr, r, "Cannot put the new artifact in place") : 0;
}

int artifact_load(const Store *store, uint32_t id, Artifact **ret, Failure *reterr) {
        _cleanup_(artifact_freep) Artifact *artifact = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = record_load(store->artifacts_fd, id, &text, &size, reterr);
        if (r >= 0)
                r = artifact_parse_record(text, size, &artifact, reterr);
        if (r < 0)
                return r;
        if (artifact->id != id)
                return failure_set(
                                reterr,
                                -EIO,
                                "The record of artifact %u is that of %u.",
                                id,
                                artifact->id);
        *ret = TAKE_PTR(artifact);
        return 0;
}

int artifact_hide(
                const Artifact *artifact,
                const Store *store,
                char ret_name[static STORE_NAME_SIZE]) {
        char from[STORE_NAME_SIZE], to[STORE_NAME_SIZE];
        int r;

        (void) snprintf(from, sizeof(from), "%u", artifact->id);
        (void) snprintf(to, sizeof(to), STORE_GONE "%u", artifact->id);
        r = rename_folder(store, from, to);
        if (r >= 0)
                memcpy(ret_name, to, sizeof(to));
        return r;
}

int artifact_open_files(const Artifact *artifact, const Store *store, Failure *reterr) {
        char name[STORE_NAME_SIZE];
        int fd;

        (void) snprintf(name, sizeof(name), "%u", artifact->id);
        fd = open_folder(store, name, FILES_NAME);
        if (fd < 0)
                return system_failure_set(reterr, fd, "Cannot open artifact %u", artifact->id);
        return fd;
}

int artifact_read_manifest(
                const Artifact *artifact,
                const Store *store,
                char **ret_text,
                Manifest *ret,
                Failure *reterr) {
        _cleanup_close_ int files_fd = artifact_open_files(artifact, store, reterr);

        return files_fd < 0 ? files_fd : read_manifest(files_fd, ret_text, ret, reterr);
}

int artifact_open_file(
                const Artifact *artifact,
                const Store *store,
                const char *path,
                Failure *reterr) {
        _cleanup_close_ int files_fd = artifact_open_files(artifact, store, reterr), fd = -EBADF;
        _cleanup_manifest_ Manifest manifest = {};
        struct stat st;
        int r;

        r = files_fd < 0 ? files_fd
                         : read_manifest(files_fd, /* ret_text= */ NULL, &manifest, reterr);
        if (r < 0)
                return r;
        if (!manifest_find(&manifest, path))
                return failure_set(
                                reterr,
                                -ENOENT,
                                "Artifact %u has no file '%.200s'; pxectl show %u lists those that it has.",
                                artifact->id,
                                path,
                                artifact->id);
        fd = fd_open_beneath(files_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return failure_set(
                                reterr,
                                -EIO,
                                "The file '%.200s' of artifact %u is damaged; build it again.",
                                path,
                                artifact->id);
        return TAKE_FD(fd);
}

int artifact_format_record(const Artifact *artifact, char **ret_text) {
        _cleanup_json_ Json json = {};

        record_begin(&json);
        record_write(&json, record_members, ELEMENTSOF(record_members), artifact);
        json_end_object(&json);
        return json_finish(&json, ret_text);
}

/* What a number or a text alone does not say. */
static bool record_makes_sense(const Artifact *artifact) {
        bool known = false;

        for (size_t i = 0; i < ELEMENTSOF(formats); i++)
                known |= str_equal(artifact->format, formats[i]);
        return known && artifact->title && artifact->id > 0 && artifact->id < UINT32_MAX;
}

int artifact_parse_record(const char *text, size_t size, Artifact **ret, Failure *reterr) {
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        _cleanup_(artifact_freep) Artifact *artifact = NULL;
        int r;

        r = record_parse(text, size, &tree, reterr);
        if (r < 0)
                return r;
        artifact = calloc(1, sizeof(*artifact));
        if (!artifact)
                return -ENOMEM;
        r = record_read(yaml_tree_root(tree),
                        record_members,
                        ELEMENTSOF(record_members),
                        artifact,
                        reterr);
        if (r < 0)
                return r;
        if (!record_makes_sense(artifact))
                return failure_set(reterr, -EIO, "The record is not one of an artifact.");
        *ret = TAKE_PTR(artifact);
        return 0;
}

Artifact *artifact_free(Artifact *artifact) {
        if (!artifact)
                return NULL;
        free(artifact->title);
        free(artifact->format);
        free(artifact);
        return NULL;
}
