/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading an ISO. What the sealed child answers is checked here like anything of a stranger. */

#include "liveos/iso-input.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fd.h"
#include "common/strings.h"
#include "config/order.h"
#include "container/sealed.h"
#include "liveos/medium.h"

#define DESCRIPTORS_OFFSET   (16 * 2048)
#define DESCRIPTOR_VOLUME_ID 40
#define ALIGNMENT            UINT64_C(512) /* as a loop device wants it; no block of an ISO is smaller */
/* No content is read, so that the processor's time may be the usual one, in which a medium ends that names
 * itself as its own continuation: libarchive goes round there for ever. */
#define TIMEOUT_USEC (UINT64_C(60) * 1000000)

/* ---- in the sealed child ---- */

typedef struct Listing {
        int image_fd;
        IsoInput iso;
} Listing;

static int find_twin(const IsoInput *iso, const char *twin, IsoFile *file) {
        const IsoFile *first = iso_input_find(iso, twin);

        if (!first)
                return -EBADMSG;
        file->offset_bytes = first->offset_bytes;
        file->size_bytes = first->size_bytes;
        return 0;
}

static int find_content(const IsoInput *iso, ArchiveEntry *entry, IsoFile *file, Failure *reterr) {
        const char *twin = archive_entry_twin(entry);
        int r;

        if (twin)
                return find_twin(iso, twin, file);
        file->size_bytes = archive_entry_bytes(entry);
        r = archive_entry_place(entry, &file->offset_bytes);
        if (r == -EOPNOTSUPP)
                return failure_set(
                                reterr,
                                r,
                                "The ISO's file '%.100s' is compressed (zisofs) or lies in several pieces; make the ISO anew without that.",
                                file->path);
        return r;
}

static int list_file(void *userdata, ArchiveEntry *entry, Failure *reterr) {
        IsoInput *iso = userdata;
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
        return find_content(iso, entry, file, reterr);
}

/* Out of the primary volume descriptor (ECMA-119, 8.4), where that is the first, as it should be. */
static void read_volume_id(int image_fd, char ret[static ISO_VOLUME_ID_MAX + 1]) {
        char head[DESCRIPTOR_VOLUME_ID + ISO_VOLUME_ID_MAX];
        size_t n = ISO_VOLUME_ID_MAX;

        if (pread(image_fd, head, sizeof(head), DESCRIPTORS_OFFSET) != (ssize_t) sizeof(head) ||
            memcmp(head, "\1CD001", 6) != 0)
                return;
        memcpy(ret, head + DESCRIPTOR_VOLUME_ID, n);
        while (n > 0 && ret[n - 1] == ' ')
                n--;
        ret[n] = '\0';
}

/* Answers with the list, or says the sentence of its failure. */
static int lister(void *userdata, int out_fd) {
        Listing *listing = userdata;
        Failure failure = {};
        struct stat st;
        ArchiveLimits limits = { .max_entries = 4 * ISO_FILES_MAX };
        int r = fstat(listing->image_fd, &st) < 0 ? -errno : 0;

        if (r >= 0) {
                /* Files may overlap on a medium, but then it is no Live OS. */
                limits.max_bytes = (uint64_t) st.st_size;
                r = archive_visit_iso(
                                listing->image_fd,
                                &limits,
                                list_file,
                                &listing->iso,
                                &failure);
        }
        read_volume_id(listing->image_fd, listing->iso.volume_id);
        if (r < 0) {
                (void) fd_write_all(out_fd, failure.message, strlen(failure.message));
                return r;
        }
        return fd_write_all(
                        out_fd,
                        &listing->iso,
                        offsetof(IsoInput, files) + listing->iso.n_files * sizeof(IsoFile));
}

/* ---- outside of it ---- */

static bool is_harmless(const IsoFile *file, uint64_t image_bytes) {
        uint64_t end;

        if (!memchr(file->path, '\0', sizeof(file->path)) || file->path[0] == '\0' ||
            file->path[0] == '/' || file->permissions > 0777 || file->offset_bytes % ALIGNMENT != 0)
                return false;
        return !__builtin_add_overflow(file->offset_bytes, file->size_bytes, &end) &&
               end <= image_bytes;
}

static int check_answer(const IsoInput *iso, size_t size, uint64_t image_bytes, Failure *reterr) {
        bool lied = size < offsetof(IsoInput, files) || iso->n_files > ISO_FILES_MAX ||
                    size != offsetof(IsoInput, files) + iso->n_files * sizeof(IsoFile);

        for (size_t i = 0; !lied && i < iso->n_files; i++)
                lied = !is_harmless(&iso->files[i], image_bytes);
        lied = lied || !memchr(iso->volume_id, '\0', sizeof(iso->volume_id));
        return lied ? failure_set(reterr, -EBADMSG, "The ISO's reader lied.") : 0;
}

static bool is_for_orders(const char *volume_id) {
        return !str_equal(volume_id, ORDER_VOLUME_ID_AUTO) &&
               order_check_volume_id(volume_id, /* reterr= */ NULL) >= 0;
}

/* Where memory is limited, the whole ISO is mapped beside what the parser may have. */
static uint64_t memory_for(uint64_t image_bytes) {
        uint64_t memory = sealed_memory_default();

        return memory > 0 ? memory + image_bytes : 0;
}

static int run_lister(Listing *listing, int lifeline_fd, IsoInput **ret, Failure *reterr) {
        _cleanup_free_ char *answer = NULL;
        Sealed sealed = SEALED_INIT;
        size_t size = 0;
        struct stat st;
        int r;

        if (fstat(listing->image_fd, &st) < 0)
                return -errno;
        sealed.name = "reader of the ISO";
        sealed.profile = SEALED_READER;
        sealed.function = lister;
        sealed.userdata = listing;
        sealed.keep_fds = &listing->image_fd;
        sealed.n_keep_fds = 1;
        sealed.max_memory_bytes = memory_for((uint64_t) st.st_size);
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
        r = check_answer((const IsoInput *) answer, size, (uint64_t) st.st_size, reterr);
        if (r < 0)
                return r;
        *ret = (IsoInput *) TAKE_PTR(answer);
        if (!is_for_orders((*ret)->volume_id))
                (*ret)->volume_id[0] = '\0';
        return 0;
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

int iso_input_read(int image_fd, int lifeline_fd, IsoInput **ret, Failure *reterr) {
        _cleanup_free_ Listing *listing = calloc(1, sizeof(Listing));
        _cleanup_free_ IsoInput *iso = NULL;
        int r;

        if (!listing)
                return -ENOMEM;
        listing->image_fd = image_fd;
        r = run_lister(listing, lifeline_fd, &iso, reterr);
        if (r >= 0)
                r = check_contents(iso, reterr);
        if (r < 0)
                return failure_default(reterr, r, "The ISO cannot be read");
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
