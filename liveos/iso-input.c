/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading an ISO. What the sealed child answers is checked here like anything of a stranger. */

#include "liveos/iso-input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fd.h"
#include "common/strings.h"
#include "container/sealed.h"
#include "liveos/medium.h"

#define ALIGNMENT    UINT64_C(4096)
#define TIMEOUT_USEC (UINT64_C(3600) * 1000000)
#define CPU_SECONDS  3600

/* ---- in the sealed child ---- */

typedef struct Taking {
        int image_fd;
        int contents_fd; /* -EBADF: the files are listed only */
        uint64_t at;
        IsoInput iso;
} Taking;

static int find_twin(const IsoInput *iso, const char *twin, IsoFile *file) {
        const IsoFile *first = iso_input_find(iso, twin);

        if (!first)
                return -EBADMSG;
        file->offset_bytes = first->offset_bytes;
        file->size_bytes = first->size_bytes;
        return 0;
}

static int take_content(Taking *taking, ArchiveEntry *entry, IsoFile *file) {
        const char *twin = archive_entry_twin(entry);
        int r;

        if (twin)
                return find_twin(&taking->iso, twin, file);
        file->offset_bytes = taking->at;
        file->size_bytes = archive_entry_bytes(entry);
        if (taking->contents_fd < 0)
                return 0;
        if (lseek(taking->contents_fd, (off_t) taking->at, SEEK_SET) < 0)
                return -errno;
        r = archive_entry_copy(entry, taking->contents_fd);
        if (r < 0)
                return r;
        taking->at += (file->size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return 0;
}

static int take_file(void *userdata, ArchiveEntry *entry, Failure *reterr) {
        Taking *taking = userdata;
        IsoInput *iso = &taking->iso;
        const char *name = archive_entry_name(entry);
        IsoFile *file;

        if (iso->n_files == ISO_FILES_MAX)
                return failure_set(
                                reterr,
                                -E2BIG,
                                "The ISO has more than %d files, which is more than pxed takes.",
                                ISO_FILES_MAX);
        if (strlen(name) >= ISO_PATH_MAX)
                return failure_set(
                                reterr,
                                -E2BIG,
                                "The ISO's file '%.100s…' has a longer path than pxed takes.",
                                name);
        file = &iso->files[iso->n_files];
        *file = (IsoFile){ .permissions = archive_entry_permissions(entry) };
        strcpy(file->path, name);
        iso->n_files++;
        return take_content(taking, entry, file);
}

/* Answers with the list, or says the sentence of its failure. */
static int taker(void *userdata, int out_fd) {
        Taking *taking = userdata;
        Failure failure = {};
        struct stat st;
        ArchiveLimits limits = { .max_entries = 4 * ISO_FILES_MAX };
        int r = fstat(taking->image_fd, &st) < 0 ? -errno : 0;

        if (r >= 0) {
                /* Files may overlap on a medium, but then it is no Live OS. */
                limits.max_bytes = (uint64_t) st.st_size;
                r = archive_visit_iso(taking->image_fd, &limits, take_file, taking, &failure);
        }
        /* The last file's end may lie behind the last byte that was written. */
        if (r >= 0 && taking->contents_fd >= 0 &&
            ftruncate(taking->contents_fd, (off_t) taking->at) < 0)
                r = -errno;
        if (r < 0) {
                (void) fd_write_all(out_fd, failure.message, strlen(failure.message));
                return r;
        }
        return fd_write_all(
                        out_fd,
                        &taking->iso,
                        offsetof(IsoInput, files) + taking->iso.n_files * sizeof(IsoFile));
}

/* ---- outside of it ---- */

static bool is_harmless(const IsoFile *file, uint64_t contents_bytes) {
        uint64_t end;

        if (!memchr(file->path, '\0', sizeof(file->path)) || file->path[0] == '\0' ||
            file->path[0] == '/' || file->permissions > 0777 || file->offset_bytes % ALIGNMENT != 0)
                return false;
        return !__builtin_add_overflow(file->offset_bytes, file->size_bytes, &end) &&
               end <= contents_bytes;
}

/* Files that were listed only lie nowhere. */
static int check_answer(const IsoInput *iso, size_t size, int contents_fd, Failure *reterr) {
        struct stat st = { .st_size = INT64_MAX };
        bool lied = (contents_fd >= 0 && fstat(contents_fd, &st) < 0) ||
                    size < offsetof(IsoInput, files) || iso->n_files > ISO_FILES_MAX ||
                    size != offsetof(IsoInput, files) + iso->n_files * sizeof(IsoFile);

        for (size_t i = 0; !lied && i < iso->n_files; i++)
                lied = !is_harmless(&iso->files[i], (uint64_t) st.st_size);
        return lied ? failure_set(reterr, -EBADMSG, "The ISO's reader lied.") : 0;
}

static int run_taker(Taking *taking, int lifeline_fd, IsoInput **ret, Failure *reterr) {
        _cleanup_free_ char *answer = NULL;
        Sealed sealed = SEALED_INIT;
        size_t size = 0;
        struct stat st;
        int r;

        if (fstat(taking->image_fd, &st) < 0)
                return -errno;
        sealed.name = "reader of the ISO";
        sealed.profile = taking->contents_fd < 0 ? SEALED_READER : SEALED_COPIER;
        sealed.function = taker;
        sealed.userdata = taking;
        sealed.keep_fds = (const int[]){ taking->image_fd, taking->contents_fd };
        sealed.n_keep_fds = taking->contents_fd < 0 ? 1 : 2;
        sealed.max_memory_bytes = sealed_memory_default();
        sealed.max_file_bytes = (uint64_t) st.st_size + ISO_FILES_MAX * ALIGNMENT;
        sealed.cpu_seconds = CPU_SECONDS;
        sealed.timeout_usec = TIMEOUT_USEC;
        sealed.max_output_bytes = sizeof(IsoInput);
        sealed.lifeline_fd = lifeline_fd;
        r = sealed_run(&sealed, &answer, &size, reterr);
        if (r < 0 && size > 0 && size < FAILURE_MESSAGE_MAX) {
                str_blank_controls(answer);
                str_make_utf8(answer);
                return failure_set(reterr, r == -EBADMSG ? -ENOEXEC : r, "%s", answer);
        }
        if (r < 0)
                return r;
        r = check_answer((const IsoInput *) answer, size, taking->contents_fd, reterr);
        if (r >= 0)
                *ret = (IsoInput *) TAKE_PTR(answer);
        return r;
}

/* Only what a Live OS is made of can be made into one again. */
static int check_contents(const IsoInput *iso, Failure *reterr) {
        if (iso_input_find(iso, MEDIUM_GRUB_FOLDER "/grub.cfg"))
                return 0;
        return failure_set(
                        reterr,
                        -ENOEXEC,
                        "The ISO has no /" MEDIUM_GRUB_FOLDER
                        "/grub.cfg, so it is no Live OS that pxed or Image Customizer has made: give one of those, or a disk image.");
}

/* `contents_fd` is -EBADF when nobody wants the contents. */
static int take(int image_fd, int contents_fd, int lifeline_fd, IsoInput **ret, Failure *reterr) {
        _cleanup_free_ Taking *taking = calloc(1, sizeof(Taking));
        _cleanup_free_ IsoInput *iso = NULL;
        int r;

        if (!taking || lseek(image_fd, 0, SEEK_SET) < 0)
                return -ENOMEM;
        taking->image_fd = image_fd;
        taking->contents_fd = contents_fd;
        r = run_taker(taking, lifeline_fd, &iso, reterr);
        if (r >= 0)
                r = check_contents(iso, reterr);
        if (r < 0)
                return failure_default(reterr, r, "The ISO cannot be read");
        *ret = TAKE_PTR(iso);
        return 0;
}

int iso_input_check(int image_fd, int lifeline_fd, Failure *reterr) {
        _cleanup_free_ IsoInput *iso = NULL;

        return take(image_fd, /* contents_fd= */ -EBADF, lifeline_fd, &iso, reterr);
}

int iso_input_take(
                int image_fd,
                int scratch_fd,
                int lifeline_fd,
                IsoInput **ret,
                int *ret_contents_fd,
                Failure *reterr) {
        _cleanup_close_ int contents_fd = openat(
                        scratch_fd,
                        ISO_CONTENTS_NAME,
                        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                        0600);
        _cleanup_free_ IsoInput *iso = NULL;
        int r;

        if (contents_fd < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "No file can be made in the scratch folder");
        r = take(image_fd, contents_fd, lifeline_fd, &iso, reterr);
        if (r < 0)
                return r;
        *ret_contents_fd = openat(scratch_fd, ISO_CONTENTS_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (*ret_contents_fd < 0)
                return failure_set_errno(reterr, -errno, "The ISO's files cannot be opened");
        *ret = TAKE_PTR(iso);
        return 0;
}

/* ---- looking into it ---- */

const IsoFile *iso_input_find(const IsoInput *iso, const char *path) {
        for (size_t i = 0; i < iso->n_files; i++)
                if (strcasecmp(iso->files[i].path, path) == 0)
                        return &iso->files[i];
        return NULL;
}

InitramfsType iso_input_type(const IsoInput *iso) {
        return iso_input_find(iso, MEDIUM_ROOTFS_PATH) ? INITRAMFS_BOOTSTRAP : INITRAMFS_FULL_OS;
}

void iso_input_partitions(const IsoInput *iso, PartitionTable *ret) {
        const IsoFile *rootfs = iso_input_find(iso, MEDIUM_ROOTFS_PATH);

        *ret = (PartitionTable){};
        if (!rootfs)
                return;
        ret->n_items = 1;
        ret->items[0] = (Partition){ .number = 1,
                                     .offset_bytes = rootfs->offset_bytes,
                                     .size_bytes = rootfs->size_bytes,
                                     .fstype = "squashfs" };
}
