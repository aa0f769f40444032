/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Two walks through the image and what the config adds: one counts, one takes pieces at even distances out of
 * the stream of all contents, so that neighbours stay neighbours, as packers meet them.
 */

#include "liveos/forecast-size.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "common/walk.h"
#include "liveos/forecast-added.h"
#include "liveos/forecast-initrd.h"
#include "liveos/initrd.h"
#include "liveos/iso-reuse.h"
#include "liveos/places.h"
#include "liveos/rootfs.h"

#define MIB              (UINT64_C(1024) * 1024)
#define PAGE_BYTES       4096U
#define PACKED_INODE     24U /* of a squashfs or a compressed cpio */
#define SAMPLE_MAX_BYTES (64 * MIB)
#define PIECE_BYTES      (8 * MIB) /* more than the window of zstd */

#define SAMPLE        PLACE_WORK "/sample"
#define SAMPLE_PACKED PLACE_WORK "/sample.packed"

#define LOADERS_BYTES (10 * MIB) /* shim and GRUB, on the medium and on its ESP */

typedef struct Counter {
        int root_fd;
        uint64_t bytes;
        uint64_t pages_bytes;
        uint64_t n_entries;
} Counter;

/* A live tree has no /boot. */
static bool is_left_out(const char *path) {
        return str_after_prefix(path, "boot/") != NULL;
}

/* A file with several names counts a part for each; holes do not count. */
static uint64_t content_bytes(const struct stat *st) {
        uint64_t size = (uint64_t) st->st_size, stored = (uint64_t) st->st_blocks * 512;

        if (!S_ISREG(st->st_mode))
                return 0;
        return (stored > 0 && stored < size ? stored : size) /
               (st->st_nlink > 0 ? st->st_nlink : 1);
}

static uint64_t in_pages(uint64_t bytes) {
        return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static void count(Counter *counter, uint64_t bytes) {
        counter->bytes += bytes;
        counter->pages_bytes += in_pages(bytes);
        counter->n_entries++;
}

static int count_entry(void *userdata, const WalkEntry *entry, Failure *reterr _unused_) {
        if (!is_left_out(entry->path))
                count(userdata, content_bytes(&entry->st));
        return 0;
}

static void take_off(uint64_t *sum, uint64_t bytes) {
        *sum -= bytes < *sum ? bytes : *sum;
}

/* What the image has there is gone then. */
static int count_added(
                void *userdata,
                const char *path,
                int fd _unused_,
                uint64_t bytes,
                Failure *reterr _unused_) {
        Counter *counter = userdata;
        struct stat st;

        if (is_left_out(path))
                return 0;
        if (fs_stat_in_root(counter->root_fd, path, &st) >= 0) {
                take_off(&counter->bytes, content_bytes(&st));
                take_off(&counter->pages_bytes, in_pages(content_bytes(&st)));
        }
        count(counter, bytes);
        return 0;
}

static int count_all(const Build *build, int root_fd, Counter *ret, Failure *reterr) {
        Counter counter = { .root_fd = root_fd };
        int r = walk_tree(root_fd, count_entry, &counter, reterr);

        if (r >= 0)
                r = forecast_added_to_os(build, count_added, &counter, reterr);
        if (r >= 0)
                *ret = counter;
        return r;
}

typedef struct Sampler {
        uint64_t at;     /* in the stream of all contents */
        uint64_t stride; /* every how many pieces one is taken */
        uint64_t taken;
        int to_fd;
} Sampler;

static int take_piece(Sampler *sampler, int fd, uint64_t offset, uint64_t size) {
        char chunk[65536];

        while (size > 0) {
                ssize_t n = pread(
                                fd,
                                chunk,
                                size < sizeof(chunk) ? (size_t) size : sizeof(chunk),
                                (off_t) offset);
                int r;

                if (n <= 0)
                        return n < 0 ? -errno : 0; /* shorter than its size: nothing to pack */
                r = fd_write_all(sampler->to_fd, chunk, (size_t) n);
                if (r < 0)
                        return r;
                sampler->taken += (uint64_t) n;
                offset += (uint64_t) n;
                size -= (uint64_t) n;
        }
        return 0;
}

/* The parts of a file that lie in pieces which are taken. */
static int take_parts(Sampler *sampler, int fd, uint64_t size) {
        uint64_t begin = sampler->at, end = begin + size;
        int r = 0;

        for (uint64_t at = begin; at < end && r >= 0;) {
                uint64_t piece = at / PIECE_BYTES, next = (piece + 1) * PIECE_BYTES;

                if (next > end)
                        next = end;
                if (piece % sampler->stride == 0)
                        r = take_piece(sampler, fd, at - begin, next - at);
                at = next;
        }
        sampler->at = end;
        return r;
}

static int sample_entry(void *userdata, const WalkEntry *entry, Failure *reterr) {
        uint64_t bytes = content_bytes(&entry->st);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (bytes == 0 || is_left_out(entry->path))
                return 0;
        fd = openat(entry->folder_fd, entry->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        r = fd < 0 ? -errno : take_parts(userdata, fd, bytes);
        return r < 0 ? failure_set_errno(reterr, r, "The image's /%s cannot be read", entry->path)
                     : 0;
}

static int sample_added(void *userdata, const char *path, int fd, uint64_t bytes, Failure *reterr) {
        int r = fd < 0 || is_left_out(path) ? 0 : take_parts(userdata, fd, bytes);

        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "The config's file for '/%s' cannot be read",
                                       path)
                     : 0;
}

static int write_sample(
                const Build *build,
                int root_fd,
                uint64_t bytes,
                uint64_t *ret_taken,
                Failure *reterr) {
        _cleanup_close_ int to_fd = open(
                        SAMPLE,
                        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                        0600);
        Sampler sampler = { .stride = bytes / SAMPLE_MAX_BYTES + 1, .to_fd = to_fd };
        int r;

        if (to_fd < 0)
                return failure_set_errno(reterr, -errno, "No sample of the image can be written");
        r = walk_tree(root_fd, sample_entry, &sampler, reterr);
        if (r >= 0)
                r = forecast_added_to_os(build, sample_added, &sampler, reterr);
        if (r >= 0)
                *ret_taken = sampler.taken;
        return r;
}

static int pack_sample(const Build *build, uint64_t *ret_size, Failure *reterr) {
        struct stat st;
        int r;

        if (build->initramfs == INITRAMFS_FULL_OS)
                r = initrd_compress_file(build, SAMPLE, SAMPLE_PACKED, reterr);
        else
                r = rootfs_pack(build, SAMPLE, SAMPLE_PACKED, reterr);
        if (r < 0)
                return r;
        if (stat(SAMPLE_PACKED, &st) < 0)
                return failure_set_errno(reterr, -errno, "The packed sample cannot be looked at");
        *ret_size = (uint64_t) st.st_size;
        return 0;
}

/* What the contents come to when they are packed as the build does it. */
static int estimate_packed(
                const Build *build,
                int root_fd,
                const Counter *counter,
                uint64_t *ret,
                Failure *reterr) {
        uint64_t taken = 0, packed = 0;
        int r = write_sample(build, root_fd, counter->bytes, &taken, reterr);

        if (r >= 0 && taken > 0)
                r = pack_sample(build, &packed, reterr);
        (void) unlink(SAMPLE);
        (void) unlink(SAMPLE_PACKED);
        if (r < 0)
                return r;
        *ret = counter->n_entries * PACKED_INODE +
               (taken > 0 ? (uint64_t) ((double) counter->bytes * (double) packed / (double) taken)
                          : 0);
        return 0;
}

static int size_of_kernels(const Build *build, int root_fd, uint64_t *ret, Failure *reterr) {
        *ret = 0;
        for (size_t i = 0; i < build->kernels.n_items; i++) {
                const char *path = build->kernels.items[i].vmlinuz;
                struct stat st;
                int r = fs_stat_in_root(root_fd, path, &st);

                if (r < 0)
                        return failure_set_errno(
                                        reterr,
                                        r,
                                        "The image's /%s cannot be looked at",
                                        path);
                *ret += (uint64_t) st.st_size;
        }
        return 0;
}

/* What an ISO has and nothing changes is taken over as it is. */
static void take_over(const Build *build, ForecastSizes *sizes) {
        const IsoFile *rootfs = NULL, *initrd = NULL;

        if (iso_reuses_root(build))
                rootfs = iso_input_find(build->iso, MEDIUM_ROOTFS_PATH);
        if (iso_reuses_initrds(build))
                initrd = iso_find_initrd(build, 0);
        if (rootfs)
                sizes->rootfs = rootfs->size_bytes;
        if (initrd)
                sizes->initrd = initrd->size_bytes;
}

/* What lies where: see liveos/medium.h. */
static int add_up(const Build *build, uint64_t all_kernels, ForecastSizes *sizes, Failure *reterr) {
        bool is_full_os = build->initramfs == INITRAMFS_FULL_OS;
        uint64_t initrds = sizes->initrd * (is_full_os ? 1 : build->kernels.n_items);
        uint64_t shared = initrds + all_kernels + LOADERS_BYTES;
        uint64_t added[_MEDIUM_KIND_MAX];
        int r = 0;

        for (MediumKind medium = 0; medium < _MEDIUM_KIND_MAX && r >= 0; medium++)
                r = forecast_added_to_medium(build, medium, &added[medium], reterr);
        if (r < 0)
                return r;
        if (build_makes_iso(build))
                sizes->iso = sizes->rootfs + shared + added[MEDIUM_ISO];
        sizes->artifact = sizes->iso + (build_makes_pxe(build) ? shared + added[MEDIUM_PXE] : 0);
        return 0;
}

/* What has to be packed anew, by a sample. */
static int estimate(
                const Build *build,
                int root_fd,
                const Counter *counter,
                ForecastSizes *sizes,
                Failure *reterr) {
        uint64_t packed;
        int r = estimate_packed(build, root_fd, counter, &packed, reterr);

        if (r < 0)
                return r;
        if (build->initramfs == INITRAMFS_FULL_OS)
                sizes->initrd = packed;
        else
                sizes->rootfs = packed;
        return 0;
}

int forecast_sizes(const Build *build, ForecastSizes *ret, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ForecastSizes sizes = {};
        Counter counter = {};
        uint64_t kernels;
        int r;

        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The image's tree cannot be opened");
        r = count_all(build, root_fd, &counter, reterr);
        if (r >= 0)
                r = size_of_kernels(build, root_fd, &kernels, reterr);
        if (r < 0)
                return r;
        sizes.root = counter.bytes;
        sizes.initrd_unpacked = counter.pages_bytes;
        if (build->initramfs == INITRAMFS_BOOTSTRAP)
                r = forecast_initrd(build, root_fd, &sizes.initrd, &sizes.initrd_unpacked, reterr);
        if (r >= 0 && !iso_reuses_root(build))
                r = estimate(build, root_fd, &counter, &sizes, reterr);
        if (r >= 0)
                take_over(build, &sizes);
        if (r >= 0)
                r = add_up(build, kernels, &sizes, reterr);
        if (r >= 0)
                *ret = sizes;
        return r;
}
