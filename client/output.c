/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Writing an artifact. The ISO may be among the PXE files as well: a large file that was written
 * once is the source of its second copy, by reflink where the file system can.
 */

#include "client/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "client/interrupt.h"
#include "client/table-out.h"
#include "common/archive.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"

#define SHARE_MIN_BYTES (1024U * 1024U)
#define SHARED_MAX      4U

static const char *const format_names[_OUTPUT_FORMAT_MAX] = {
        [OUTPUT_ISO] = "iso",
        [OUTPUT_PXE_DIR] = "pxe-dir",
        [OUTPUT_PXE_TAR] = "pxe-tar",
};

const char *output_format_to_string(OutputFormat format) {
        return format_names[format];
}

OutputFormat output_format_from_string(const char *s) {
        for (OutputFormat format = 0; format < _OUTPUT_FORMAT_MAX; format++)
                if (str_equal(format_names[format], s))
                        return format;
        return _OUTPUT_FORMAT_INVALID;
}

int output_open(OutputFormat format,
                const char *path,
                const char *pxe_folder,
                PlaceFlags flags,
                Output *ret,
                Failure *reterr) {
        PlaceKind kind = format == OUTPUT_PXE_DIR ? PLACE_FOLDER : PLACE_FILE;
        int r;

        ret->format = format;
        r = place_open(path, kind, flags, &ret->main, reterr);
        if (r >= 0 && pxe_folder)
                r = place_open(pxe_folder, PLACE_FOLDER, flags, &ret->pxe, reterr);
        return r;
}

/* What one output_write() knows. */
typedef struct Writing {
        const Artifact *artifact;
        struct {
                const ArtifactFile *file;
                int fd; /* a copy that was compared with its digest */
        } shared[SHARED_MAX];
        size_t n_shared;
} Writing;

static void writing_done(Writing *writing) {
        for (size_t i = 0; i < writing->n_shared; i++)
                (void) close(writing->shared[i].fd);
}

static int find_shared(const Writing *writing, const ArtifactFile *file) {
        for (size_t i = 0; i < writing->n_shared; i++)
                if (str_equal(writing->shared[i].file->digest, file->digest))
                        return writing->shared[i].fd;
        return -ENOENT;
}

static void share(Writing *writing, const ArtifactFile *file, int fd) {
        int copy;

        if (file->size < SHARE_MIN_BYTES || writing->n_shared == SHARED_MAX)
                return;
        copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (copy < 0)
                return;
        writing->shared[writing->n_shared].file = file;
        writing->shared[writing->n_shared++].fd = copy;
}

static int compare(int fd, const ArtifactFile *file, Failure *reterr) {
        char digest[DIGEST_SIZE];
        int r = digest_file(fd, digest);

        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot read the copy of '%s'", file->path);
        if (!str_equal(digest, file->digest))
                return failure_set(
                                reterr,
                                -EILSEQ,
                                "'%s' is not what the build made: its SHA-256 is %s instead of %s; get it again.",
                                file->path,
                                digest,
                                file->digest);
        return 0;
}

static int check_interrupt(Failure *reterr) {
        if (interrupt_count() == 0)
                return 0;
        return failure_set(reterr, -ECANCELED, "Interrupted; nothing incomplete was left behind.");
}

/* Fills the new file `fd`. */
static int fetch(Writing *writing, const ArtifactFile *file, int fd, Failure *reterr) {
        _cleanup_close_ int source = -EBADF;
        int shared = find_shared(writing, file), r = check_interrupt(reterr);

        if (r < 0)
                return r;
        if (shared < 0) {
                source = writing->artifact->open_file(writing->artifact, file->path, reterr);
                if (source < 0)
                        return source;
        }
        r = fd_copy_file(shared < 0 ? source : shared, fd);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot copy '%s'", file->path);
        r = check_interrupt(reterr);
        if (r >= 0 && shared < 0)
                r = compare(fd, file, reterr);
        if (r >= 0 && shared < 0)
                share(writing, file, fd);
        return r;
}

/* ---- an ISO ---- */

static int write_iso(Writing *writing, Place *place, Failure *reterr) {
        const ArtifactFile *file = artifact_find(writing->artifact, ARTIFACT_ISO);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!file)
                return failure_set(
                                reterr,
                                -ENODATA,
                                "The artifact has no ISO; get its PXE files with "
                                "--output-image-format pxe-dir or pxe-tar.");
        fd = place_begin(place, reterr);
        if (fd < 0)
                return fd;
        r = fetch(writing, file, fd, reterr);
        return r < 0 ? r : place_commit(place, fd, reterr);
}

/* ---- a PXE tree ---- */

static int require_pxe(const Artifact *artifact, Failure *reterr) {
        if (artifact_find(artifact, ARTIFACT_PXE "/"))
                return 0;
        return failure_set(
                        reterr,
                        -ENODATA,
                        "The artifact has no PXE files; build it with --output-image-format "
                        "pxe-dir or pxe-tar, or with --output-pxe-artifacts-dir.");
}

/* The folder that a path below the tree is in, "" for the tree itself. Caller frees. */
static char *folder_of(const char *path) {
        const char *slash = strrchr(path, '/');

        return strndup(path, slash ? (size_t) (slash - path) : 0);
}

/* Modes are those of the build less the umask, as tar unpacks: what a server has to read was built as 0644.
 * The descriptor can write whatever they are. */
static int write_pxe_file(
                Writing *writing,
                int tree_fd,
                const ArtifactFile *file,
                const char *path,
                Failure *reterr) {
        _cleanup_free_ char *folder = folder_of(path);
        _cleanup_close_ int fd = -EBADF;
        int r = 0;

        if (!folder)
                return -ENOMEM;
        if (*folder)
                r = fs_mkdir_beneath(tree_fd, folder, place_mode(PLACE_FOLDER));
        fd = r < 0 ? r
                   : fd_open_beneath(tree_fd, path, O_RDWR | O_CREAT | O_EXCL, file->permissions);
        if (fd < 0)
                return failure_set_errno(reterr, fd, "Cannot make '%s'", path);
        r = fetch(writing, file, fd, reterr);
        if (r >= 0 && fsync(fd) < 0)
                return failure_set_errno(reterr, -errno, "Cannot write '%s' to disk", path);
        return r;
}

static int write_pxe_dir(Writing *writing, Place *place, Failure *reterr) {
        const Artifact *artifact = writing->artifact;
        _cleanup_close_ int tree_fd = -EBADF;
        int r = require_pxe(artifact, reterr);

        if (r < 0)
                return r;
        tree_fd = place_begin(place, reterr);
        if (tree_fd < 0)
                return tree_fd;
        for (size_t i = 0; i < artifact->n_files; i++) {
                const ArtifactFile *file = &artifact->files[i];
                const char *path = artifact_pxe_path(file);

                r = path ? write_pxe_file(writing, tree_fd, file, path, reterr) : 0;
                if (r < 0)
                        return r;
        }
        return place_commit(place, tree_fd, reterr);
}

/* ---- a PXE tree as an archive ---- */

/* The folders of `path` that were not in the archive yet; `folders` is the list of those that are. */
static int tar_folders(ArchiveWriter *w, const char *path, int64_t mtime, char ***folders) {
        for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                _cleanup_free_ char *folder = strndup(path, (size_t) (slash - path));
                int r;

                if (!folder)
                        return -ENOMEM;
                if (strv_contains(*folders, folder))
                        continue;
                r = archive_add_folder(w, folder, 0755, mtime);
                if (r >= 0)
                        r = strv_append(folders, folder);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int tar_file(
                const Artifact *artifact,
                const ArtifactFile *file,
                ArchiveWriter *w,
                char ***folders,
                Failure *reterr) {
        const char *path = artifact_pxe_path(file);
        _cleanup_close_ int fd = artifact->open_file(artifact, file->path, reterr);
        struct stat st;
        int r;

        if (fd < 0)
                return fd;
        r = compare(fd, file, reterr);
        if (r < 0)
                return r;
        if (fstat(fd, &st) < 0)
                return -errno;
        r = tar_folders(w, path, st.st_mtim.tv_sec, folders);
        return r < 0 ? r : archive_add_file(w, path, file->permissions, st.st_mtim.tv_sec, fd);
}

static int tar_files(const Artifact *artifact, ArchiveWriter *w, Failure *reterr) {
        _cleanup_strv_ char **folders = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < artifact->n_files; i++) {
                if (!artifact_pxe_path(&artifact->files[i]))
                        continue;
                r = check_interrupt(reterr);
                if (r >= 0)
                        r = tar_file(artifact, &artifact->files[i], w, &folders, reterr);
        }
        return r < 0 ? failure_default(reterr, r, "Cannot write the tar archive") : 0;
}

static int write_pxe_tar(const Artifact *artifact, Place *place, Failure *reterr) {
        _cleanup_(archive_writer_freep) ArchiveWriter *w = NULL;
        _cleanup_close_ int fd = -EBADF;
        int r = require_pxe(artifact, reterr);

        if (r < 0)
                return r;
        fd = place_begin(place, reterr);
        if (fd < 0)
                return fd;
        r = archive_writer_new(ARCHIVE_TAR_GZIP, fd, &w);
        if (r >= 0)
                r = tar_files(artifact, w, reterr);
        if (r >= 0)
                r = archive_writer_finish(w, reterr);
        return r < 0 ? r : place_commit(place, fd, reterr);
}

/* ---- all ---- */

int output_write(Output *output, const Artifact *artifact, Failure *reterr) {
        _cleanup_(writing_done) Writing writing = { .artifact = artifact };
        int r;

        switch (output->format) {
        case OUTPUT_ISO:
                r = output->pxe.path ? require_pxe(artifact, reterr) : 0;
                if (r >= 0)
                        r = write_iso(&writing, &output->main, reterr);
                if (r >= 0 && output->pxe.path)
                        r = write_pxe_dir(&writing, &output->pxe, reterr);
                return r;
        case OUTPUT_PXE_DIR:
                return write_pxe_dir(&writing, &output->main, reterr);
        case OUTPUT_PXE_TAR:
                return write_pxe_tar(artifact, &output->main, reterr);
        default:
                return -EINVAL;
        }
}

/* ---- telling ---- */

typedef struct Result {
        const char *path;
        OutputFormat format;
        size_t n_files;
        uint64_t bytes; /* of the files; a tar archive has other ones */
} Result;

static Result sum_up(const Artifact *artifact, const char *path, OutputFormat format) {
        const char *what = format == OUTPUT_ISO ? ARTIFACT_ISO : ARTIFACT_PXE "/";
        Result result = { .path = path, .format = format };

        for (size_t i = 0; i < artifact->n_files; i++) {
                if (!str_after_prefix(artifact->files[i].path, what))
                        continue;
                result.bytes += artifact->files[i].size;
                result.n_files++;
        }
        return result;
}

static size_t sum_up_all(const Output *output, const Artifact *artifact, Result results[static 2]) {
        size_t n = 0;

        results[n++] = sum_up(artifact, output->main.path, output->format);
        if (output->pxe.path)
                results[n++] = sum_up(artifact, output->pxe.path, OUTPUT_PXE_DIR);
        return n;
}

void output_print(const Output *output, const Artifact *artifact, FILE *to) {
        Result results[2];
        size_t n = sum_up_all(output, artifact, results);

        for (size_t i = 0; i < n; i++) {
                char size[32];

                format_size(results[i].bytes, size, sizeof(size));
                if (results[i].format == OUTPUT_ISO)
                        fprintf(to, "%s: ISO, %s\n", results[i].path, size);
                else
                        fprintf(to,
                                "%s: %zu PXE files, %s\n",
                                results[i].path,
                                results[i].n_files,
                                size);
        }
}

void output_to_json(const Output *output, const Artifact *artifact, Json *json) {
        Result results[2];
        size_t n = sum_up_all(output, artifact, results);

        for (size_t i = 0; i < n; i++) {
                json_begin_object(json, NULL);
                json_string(json, "path", results[i].path);
                json_string(json, "format", output_format_to_string(results[i].format));
                json_number(json, "files", results[i].n_files);
                json_number(json, "bytes", results[i].bytes);
                json_end_object(json);
        }
}

void output_done(Output *output) {
        place_done(&output->main);
        place_done(&output->pxe);
}
