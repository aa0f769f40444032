/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Descriptors of callers: looked at before anything else is done with them. */

#include "service/caller-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "service/system-failure.h"

int caller_fd_check(int fd, const char *what, uint64_t max_bytes, Failure *reterr) {
        struct statx st;
        int r;

        /* What the kernel knows by itself: asking a server of files could take as long as that
         * likes, and everybody else would wait. The worker looks again. */
        if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_SIZE, &st) < 0)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "%s is no open file; pass the descriptor of one.",
                                what);
        r = fd_check_reading(fd, what, reterr);
        if (r < 0)
                return r;
        if (!S_ISREG(st.stx_mode))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "%s is not a regular file; copy it to one first.",
                                what);
        if (st.stx_size == 0)
                return failure_set(reterr, -ENOEXEC, "%s is empty.", what);
        if (st.stx_size > max_bytes)
                return failure_set(
                                reterr,
                                -ENOBUFS,
                                "%s has %" PRIu64 " bytes, but this service takes at most %" PRIu64
                                ": make it smaller, or have the limit in the service's settings raised.",
                                what,
                                (uint64_t) st.stx_size,
                                max_bytes);
        return 0;
}

int caller_fd_keep(int fd, const char *what, Failure *reterr) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

        if (copy < 0)
                return failure_set(
                                reterr,
                                -ENOBUFS,
                                "%s cannot be kept: this service has too many files open; try again later.",
                                what);
        return copy;
}

int caller_fd_from_text(const char *text, size_t size, Failure *reterr) {
        int fd = fd_new_sealed("config", text, size);

        if (fd < 0)
                return system_failure_set(reterr, fd, "Cannot keep the config in memory");
        return fd;
}
