/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Asking for a free loop device and taking it are two steps, between which others ask too; so it
 * is tried again until one is ours. Offset, size and flags are set in one call: there is no
 * moment in which the device shows more than the part. */

#include "container/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"

#define ATTEMPTS_MAX 64

static int open_free(int control_fd, LoopMode mode, Loop *loop) {
        int number = ioctl(control_fd, LOOP_CTL_GET_FREE);

        if (number < 0)
                return -errno;
        (void) snprintf(loop->path, sizeof(loop->path), "/dev/loop%d", number);
        loop->fd = open(loop->path, (mode == LOOP_WRITABLE ? O_RDWR : O_RDONLY) | O_CLOEXEC);
        if (loop->fd < 0)
                return errno == ENXIO || errno == ENOENT ? -EBUSY : -errno;
        /* Tells udev, which otherwise probes every new disk, to wait until it is mounted. What keeps it away then
         * is its rule (service/pxed.rules). */
        (void) flock(loop->fd, LOCK_EX | LOCK_NB);
        return 0;
}

static int attach_once(int control_fd, const struct loop_config *config, LoopMode mode, Loop *ret) {
        _cleanup_(loop_done) Loop loop = LOOP_INIT;
        int r;

        r = open_free(control_fd, mode, &loop);
        if (r < 0)
                return r;
        if (ioctl(loop.fd, LOOP_CONFIGURE, config) < 0)
                return -errno;
        *ret = loop;
        loop.fd = -EBADF;
        return 0;
}

int loop_attach(int backing_fd,
                uint64_t offset_bytes,
                uint64_t size_bytes,
                LoopMode mode,
                Loop *ret) {
        static const uint32_t flags[] = {
                [LOOP_READ_ONLY] = LO_FLAGS_READ_ONLY,
                [LOOP_WRITABLE] = LO_FLAGS_DIRECT_IO,
        };
        const struct loop_config config = {
                .fd = (uint32_t) backing_fd,
                .info.lo_offset = offset_bytes,
                .info.lo_sizelimit = size_bytes,
                .info.lo_flags = LO_FLAGS_AUTOCLEAR | flags[mode],
        };
        _cleanup_close_ int control_fd = -EBADF;
        int r = -EBUSY;

        control_fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
        if (control_fd < 0)
                return errno == ENOENT ? -ENXIO : -errno;
        for (long attempt = 0; attempt < ATTEMPTS_MAX && r == -EBUSY; attempt++) {
                if (attempt > 0)
                        (void) nanosleep(
                                        &(struct timespec){ .tv_nsec = attempt * 100000 },
                                        /* rem= */ NULL);
                r = attach_once(control_fd, &config, mode, ret);
        }
        return r;
}

void loop_done(Loop *loop) {
        if (loop->fd >= 0)
                (void) close(loop->fd);
        loop->fd = -EBADF;
}
