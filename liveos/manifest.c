/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The manifest of an artifact, and the digests in it. */

#include "liveos/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/json.h"
#include "common/strings.h"
#include "common/walk.h"
#include "config/report.h"
#include "liveos/places.h"
#include "liveos/readers.h"

#define DIGEST_FILE PLACE_WORK "/image.sha256"

int stage_digest(Build *build, Failure *reterr) {
        _cleanup_close_ int fd = open(PLACE_GIVEN, O_RDONLY | O_CLOEXEC), to_fd = -EBADF;
        char digest[DIGEST_SIZE];
        int r = fd < 0 ? -errno : digest_file(fd, digest);

        if (r >= 0) {
                to_fd = open(DIGEST_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
                r = to_fd < 0 ? -errno : fd_write_all(to_fd, digest, strlen(digest));
        }
        if (r < 0)
                return failure_set_errno(reterr, r, "The image cannot be hashed");
        report_fact(build->report_fd, REPORT_FACT_IMAGE_DIGEST, digest);
        return 0;
}

/* The digest of what the disk gives back, which has to be what was written: an error of the disk that
 * nobody was told, or was told too early, is seen here. Reads twice, the second time not from
 * memory. */
static int digest_on_disk(int fd, const char *path, char ret[static DIGEST_SIZE], Failure *reterr) {
        char written[DIGEST_SIZE];
        int r = digest_file(fd, written);

        if (r >= 0 && fsync(fd) < 0)
                r = -errno;
        if (r < 0)
                return failure_set_errno(reterr, r, "'%s' cannot be brought to disk", path);
        (void) posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        r = digest_file(fd, ret);
        if (r < 0)
                return failure_set_errno(reterr, r, "'%s' cannot be read back from disk", path);
        if (!str_equal(written, ret))
                return failure_set(
                                reterr,
                                -EIO,
                                "'%s' was not read back from disk as it was written: check the disk of the service's state folder.",
                                path);
        return 0;
}

typedef struct Lister {
        Json *json;
        uint32_t epoch;    /* of the order */
        ino_t known_inode; /* the ISO may be there under two names; it is hashed once */
        char known_digest[DIGEST_SIZE];
} Lister;

/* Archives that are made of the artifact have it. */
static int set_time(const Lister *lister, const WalkEntry *entry, Failure *reterr) {
        const struct timespec times[2] = { { .tv_sec = lister->epoch },
                                           { .tv_sec = lister->epoch } };

        if (lister->epoch == 0 ||
            utimensat(entry->folder_fd, entry->name, times, AT_SYMLINK_NOFOLLOW) >= 0)
                return 0;
        return failure_set_errno(reterr, -errno, "The time of '%s' cannot be set", entry->path);
}

static void add_file(Json *json, const WalkEntry *entry, const char *digest) {
        char permissions[8];

        (void) snprintf(permissions, sizeof(permissions), "%04o", entry->st.st_mode & 0777);
        json_begin_object(json, NULL);
        json_string(json, "path", entry->path);
        json_number(json, "size", (uint64_t) entry->st.st_size);
        json_string(json, "permissions", permissions);
        json_string(json, "sha256", digest);
        json_end_object(json);
}

static int list_file(void *userdata, const WalkEntry *entry, Failure *reterr) {
        Lister *lister = userdata;
        _cleanup_close_ int fd = -EBADF;
        char digest[DIGEST_SIZE];
        int r;

        if (!S_ISREG(entry->st.st_mode))
                return 0;
        if (entry->st.st_nlink > 1 && entry->st.st_ino == lister->known_inode)
                memcpy(digest, lister->known_digest, sizeof(digest));
        else {
                fd = openat(entry->folder_fd, entry->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
                if (fd < 0)
                        return failure_set_errno(
                                        reterr,
                                        -errno,
                                        "'%s' cannot be hashed",
                                        entry->path);
                r = digest_on_disk(fd, entry->path, digest, reterr);
                if (r < 0)
                        return r;
        }
        if (entry->st.st_nlink > 1) {
                lister->known_inode = entry->st.st_ino;
                memcpy(lister->known_digest, digest, sizeof(digest));
        }
        r = set_time(lister, entry, reterr);
        if (r >= 0)
                add_file(lister->json, entry, digest);
        return r;
}

static int list_files(Json *json, uint32_t epoch, Failure *reterr) {
        _cleanup_close_ int fd = open(PLACE_OUT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        Lister lister = { .json = json, .epoch = epoch };
        int r;

        if (fd < 0)
                return failure_set_errno(reterr, -errno, "The artifact cannot be listed");
        json_begin_array(json, "files");
        r = walk_tree(fd, list_file, &lister, reterr);
        json_end_array(json);
        return r;
}

static void add_partitions(Json *json, const Build *build) {
        json_begin_array(json, "partitions");
        for (size_t i = 0; i < build->partitions.n_items; i++) {
                const Partition *partition = &build->partitions.items[i];

                if (!partition_is_mountable(partition))
                        continue;
                json_begin_object(json, NULL);
                json_number(json, "number", partition->number);
                json_string(json, "filesystem", partition->fstype);
                json_string(json, "reader", readers_name(build, i));
                json_end_object(json);
        }
        json_end_array(json);
}

static void add_sources(Json *json, const Build *build) {
        _cleanup_close_ int root_fd = open(PLACE_WORK, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_free_ char *digest = NULL;
        size_t size;

        (void) fs_read_in_root(root_fd, "image.sha256", DIGEST_SIZE, &digest, &size);
        json_begin_object(json, "image");
        json_string(json, "name", build->order->image_name);
        json_string(json, "format", image_kind_to_string(build->format.kind));
        json_string(json, "sha256", digest);
        add_partitions(json, build);
        json_end_object(json);
        json_begin_object(json, "config");
        json_string(json, "sha256", build->config_digest);
        json_end_object(json);
        json_number(json, "owner", build->order->owner_uid);
}

static void add_contents(Json *json, const Build *build) {
        const Order *order = build->order;

        json_number(json, "version", 1);
        json_string(json, "format", order_format_to_string(order->format));
        json_string(json,
                    "initramfs",
                    build->initramfs == INITRAMFS_FULL_OS ? "full-os" : "bootstrap");
        json_string(json, "os", build->os_release.pretty_name);
        json_begin_array(json, "kernels");
        for (size_t i = 0; i < build->kernels.n_items; i++)
                json_string(json, NULL, build->kernels.items[i].version);
        json_end_array(json);
        json_string(json, "bootstrapUrl", build_makes_pxe(build) ? build->bootstrap_url : NULL);
        json_string(json, "isoName", build->iso_name);
        json_string(json, "volumeId", build_volume_id(build));
}

int stage_manifest(Build *build, Failure *reterr) {
        _cleanup_close_ int out_fd = open(PLACE_OUT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_json_ Json json = {};
        _cleanup_free_ char *text = NULL;
        int r;

        r = out_fd < 0 ? -errno : fs_remove_tree(out_fd, strrchr(PLACE_MEDIA, '/') + 1);
        if (r < 0)
                return failure_set_errno(reterr, r, "The artifact's folder cannot be tidied up");
        json_begin_object(&json, NULL);
        add_contents(&json, build);
        add_sources(&json, build);
        r = list_files(&json, build->order->source_date_epoch, reterr);
        if (r < 0)
                return r;
        json_end_object(&json);
        r = json_finish(&json, &text);
        if (r >= 0)
                r = fs_write_atomic(out_fd, ARTIFACT_MANIFEST, text, strlen(text), 0600);
        return r < 0 ? failure_set_errno(reterr, r, "The manifest cannot be written") : 0;
}
