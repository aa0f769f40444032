/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * File descriptors. Copies use explicit offsets only: whoever sent us a descriptor shares its file
 * position with us and may move it at any time.
 */

#include "common/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/buffer.h"

#define COPY_CHUNK_BYTES (1024U * 1024U)
#define OPEN_TRIES       128

int fd_read_all(int fd, size_t max, char **ret_data, size_t *ret_size) {
        _cleanup_buffer_ Buffer buffer = {};
        char chunk[16384];

        for (;;) {
                ssize_t n = read(fd, chunk, sizeof(chunk));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                if (buffer.size + (size_t) n > max)
                        return -EFBIG;
                if (buffer_append(&buffer, chunk, (size_t) n) < 0)
                        return -ENOMEM;
        }
        *ret_size = buffer.size;
        *ret_data = buffer_take(&buffer);
        return *ret_data ? 0 : -ENOMEM;
}

static int pread_full(int fd, char *data, size_t size, uint64_t offset) {
        while (size > 0) {
                ssize_t n = pread(fd, data, size, (off_t) offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return -ENODATA;
                data += n;
                size -= (size_t) n;
                offset += (uint64_t) n;
        }
        return 0;
}

static int pwrite_full(int fd, const char *data, size_t size, uint64_t offset) {
        while (size > 0) {
                ssize_t n = pwrite(fd, data, size, (off_t) offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t) n;
                offset += (uint64_t) n;
        }
        return 0;
}

int fd_pread_all(int fd, size_t max, char **ret_data, size_t *ret_size) {
        _cleanup_free_ char *data = NULL;
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if ((uint64_t) st.st_size > max)
                return -EFBIG;
        data = malloc((size_t) st.st_size + 1);
        if (!data)
                return -ENOMEM;
        r = pread_full(fd, data, (size_t) st.st_size, 0);
        if (r < 0)
                return r;
        data[st.st_size] = '\0';
        *ret_size = (size_t) st.st_size;
        *ret_data = TAKE_PTR(data);
        return 0;
}

int fd_write_all(int fd, const void *data, size_t size) {
        const char *p = data;

        while (size > 0) {
                ssize_t n = write(fd, p, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                p += n;
                size -= (size_t) n;
        }
        return 0;
}

int fd_new_sealed(const char *name, const void *data, size_t size) {
        _cleanup_close_ int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        int r = fd < 0 ? -errno : fd_write_all(fd, data, size);

        if (r >= 0 &&
            fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
                r = -errno;
        if (r >= 0 && lseek(fd, 0, SEEK_SET) < 0)
                r = -errno;
        return r < 0 ? r : TAKE_FD(fd);
}

/* One piece without holes: in the kernel where it can, else through a buffer of ours. */
static int copy_data(int from_fd, uint64_t from, int to_fd, uint64_t to, uint64_t size) {
        _cleanup_free_ char *chunk = NULL;

        while (size > 0 && !chunk) {
                off64_t from_offset = (off64_t) from, to_offset = (off64_t) to;
                size_t want = size < (1U << 30) ? (size_t) size : (1U << 30);
                ssize_t n = copy_file_range(from_fd, &from_offset, to_fd, &to_offset, want, 0);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && (errno == ENOSPC || errno == EIO || errno == EFBIG || errno == EDQUOT))
                        return -errno;
                if (n <= 0) {
                        chunk = malloc(COPY_CHUNK_BYTES);
                        if (!chunk)
                                return -ENOMEM;
                        break;
                }
                from += (uint64_t) n;
                to += (uint64_t) n;
                size -= (uint64_t) n;
        }
        while (size > 0) {
                size_t n = size < COPY_CHUNK_BYTES ? (size_t) size : COPY_CHUNK_BYTES;
                int r = pread_full(from_fd, chunk, n, from);

                if (r >= 0)
                        r = pwrite_full(to_fd, chunk, n, to);
                if (r < 0)
                        return r;
                from += n;
                to += n;
                size -= n;
        }
        return 0;
}

/* The next piece of data at or after `offset`: 1 with its bounds, which are never empty, 0 when only
 * a hole is left. A file system that cannot tell holes calls everything data; so does one whose
 * answer makes no sense, as a user's own (FUSE) may say what it likes. */
static int next_data(
                int fd,
                uint64_t offset,
                uint64_t end,
                uint64_t *ret_start,
                uint64_t *ret_end) {
        off_t start = lseek(fd, (off_t) offset, SEEK_DATA), stop;

        if (start < 0 && errno == ENXIO)
                return 0;
        if (start < 0 || (uint64_t) start < offset) {
                *ret_start = offset;
                *ret_end = end;
                return 1;
        }
        if ((uint64_t) start >= end)
                return 0;
        stop = lseek(fd, start, SEEK_HOLE);
        *ret_start = (uint64_t) start;
        *ret_end = stop <= start || (uint64_t) stop > end ? end : (uint64_t) stop;
        return 1;
}

/* A hole at the end was not written, but counts. */
static int extend(int fd, uint64_t size) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || (uint64_t) st.st_size >= size)
                return 0;
        return ftruncate(fd, (off_t) size) < 0 ? -errno : 0;
}

int fd_copy_range(int from_fd, uint64_t from_offset, int to_fd, uint64_t to_offset, uint64_t size) {
        uint64_t at = from_offset, end, start, stop;
        struct stat st;

        if (__builtin_add_overflow(from_offset, size, &end) || to_offset > INT64_MAX - size)
                return -EINVAL;
        if (fstat(from_fd, &st) < 0)
                return -errno;
        if (S_ISREG(st.st_mode) && (uint64_t) st.st_size < end)
                return -ENODATA;
        while (at < end && next_data(from_fd, at, end, &start, &stop) > 0) {
                int r = copy_data(
                                from_fd,
                                start,
                                to_fd,
                                to_offset + (start - from_offset),
                                stop - start);

                if (r < 0)
                        return r;
                at = stop;
        }
        return extend(to_fd, to_offset + size);
}

int fd_copy_file(int from_fd, int to_fd) {
        struct stat st;
        int r;

        if (fstat(from_fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if (ioctl(to_fd, FICLONE, from_fd) >= 0)
                return 0;
        /* Where the copy has holes nothing older may shine through. */
        if (ftruncate(to_fd, 0) < 0)
                return -errno;
        r = fd_copy_range(from_fd, 0, to_fd, 0, (uint64_t) st.st_size);
        return r == -ENODATA ? -EBUSY : r; /* it shrank while we copied */
}

int fd_count_data(int fd, uint64_t *ret_bytes) {
        uint64_t start, stop = 0, bytes = 0;
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        while (stop < (uint64_t) st.st_size &&
               next_data(fd, stop, (uint64_t) st.st_size, &start, &stop) > 0)
                bytes += stop - start;
        *ret_bytes = bytes;
        return 0;
}

static int open_resolving(int fd, const char *path, int flags, mode_t mode, uint64_t resolve) {
        struct open_how how = {
                .flags = (uint64_t) (flags | O_CLOEXEC),
                .mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0,
                .resolve = resolve | RESOLVE_NO_MAGICLINKS,
        };
        long r = -1;

        /* EAGAIN: somebody renamed meanwhile. Who does that without end must not hold us. */
        for (unsigned i = 0; i < OPEN_TRIES; i++) {
                r = syscall(SYS_openat2, fd, path, &how, sizeof(how));
                if (r >= 0 || (errno != EINTR && errno != EAGAIN))
                        break;
        }
        return r < 0 ? -errno : (int) r;
}

int fd_open_in_root(int root_fd, const char *path, int flags, mode_t mode) {
        return open_resolving(root_fd, path, flags, mode, RESOLVE_IN_ROOT);
}

int fd_open_beneath(int directory_fd, const char *path, int flags, mode_t mode) {
        return open_resolving(
                        directory_fd,
                        path,
                        flags,
                        mode,
                        RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

int fd_open_child(int directory_fd, const char *name, int flags) {
        assert(!strchr(name, '/'));
        return open_resolving(
                        directory_fd,
                        name,
                        flags,
                        0,
                        RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

int fd_check_reading(int fd, const char *what, Failure *reterr) {
        int flags = fcntl(fd, F_GETFL);

        if (flags < 0 || (flags & O_PATH) || (flags & O_ACCMODE) == O_WRONLY)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "%s is not opened for reading; open it so.",
                                what);
        if (flags & (O_DIRECT | O_APPEND))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "%s is opened with O_DIRECT or O_APPEND; open it for reading alone.",
                                what);
        return 0;
}

int fd_close_on_exec_from(int first) {
        assert(first >= 0);
        if (syscall(SYS_close_range, (unsigned) first, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
                return -errno;
        return 0;
}
