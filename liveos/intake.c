/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Intake: the copying in a child that can be killed. Reading the user's file may block for
 * as long as its owner likes (a file of theirs can lie on a file system of theirs), so it is never done
 * by a process that anything else depends on.
 */

#include "liveos/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "container/sealed.h"
#include "liveos/space.h"

#define COPY_TIMEOUT_USEC (UINT64_C(3600) * 1000000)
#define CPU_SECONDS       3600
#define NEED_MAX_BYTES    24

static int check_image(int fd, uint64_t max_bytes, Failure *reterr) {
        int flags = fcntl(fd, F_GETFL);
        struct stat st;

        if (flags < 0 || fstat(fd, &st) < 0)
                return failure_set_errno(reterr, -errno, "The image cannot be looked at");
        if (!S_ISREG(st.st_mode) || (flags & O_PATH) || (flags & O_ACCMODE) == O_WRONLY)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The image is not a regular file open for reading: give the file itself, not a device, folder or pipe.");
        if ((uint64_t) st.st_size > max_bytes)
                return failure_set(
                                reterr,
                                -EFBIG,
                                "The image has %" PRIu64 " bytes, but this service takes %" PRIu64
                                " at most: shrink the image or have the limit raised.",
                                (uint64_t) st.st_size,
                                max_bytes);
        return 0;
}

/* What the copier says, as a number. */
static int no_space(const char *need, const Space *space, Failure *reterr) {
        return failure_set(
                        reterr,
                        -ENOSPC,
                        "The image's copy needs %s bytes of space, but in the service's scratch folder only %" PRIu64
                        " are free: free some, or give the service a larger scratch folder.",
                        *need ? need : "more",
                        space->free_bytes);
}

typedef struct Copy {
        int from_fd;
        int to_fd;
        Space space;
} Copy;

static void say_need(uint64_t bytes, int out_fd) {
        char text[NEED_MAX_BYTES];
        int size = snprintf(text, sizeof(text), "%" PRIu64, bytes);

        (void) fd_write_all(out_fd, text, (size_t) size);
}

/* What does not fit is seen before anything is written; a reflink needs nothing, and what is
 * compressed on its way to disk nobody knows. */
static int copier(void *userdata, int out_fd) {
        const Copy *copy = userdata;
        uint64_t need_bytes = 0;
        int r;

        if (ioctl(copy->to_fd, FICLONE, copy->from_fd) >= 0)
                return 0;
        r = fd_count_data(copy->from_fd, &need_bytes);
        if (r < 0)
                return r;
        r = copy->space.is_plain && need_bytes > copy->space.free_bytes
                            ? -ENOSPC
                            : fd_copy_file(copy->from_fd, copy->to_fd);
        if (r == -ENOSPC)
                say_need(need_bytes, out_fd);
        return r;
}

int intake_copy(int image_fd,
                int scratch_fd,
                uint64_t max_bytes,
                int lifeline_fd,
                int *ret_fd,
                Failure *reterr) {
        _cleanup_close_ int to_fd = -EBADF;
        _cleanup_free_ char *output = NULL;
        Sealed sealed = SEALED_INIT;
        size_t size;
        Copy copy;
        int r = check_image(image_fd, max_bytes, reterr);

        if (r < 0)
                return r;
        to_fd = openat(scratch_fd, INTAKE_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (to_fd < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "No file can be made in the scratch folder");
        copy = (Copy){ .from_fd = image_fd, .to_fd = to_fd };
        r = space_look(to_fd, &copy.space);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "The scratch folder's free space cannot be looked at");
        sealed.name = "copying of the image";
        sealed.profile = SEALED_COPIER;
        sealed.function = copier;
        sealed.userdata = &copy;
        sealed.keep_fds = (const int[]){ image_fd, to_fd };
        sealed.n_keep_fds = 2;
        sealed.max_file_bytes = max_bytes;
        sealed.cpu_seconds = CPU_SECONDS;
        sealed.timeout_usec = COPY_TIMEOUT_USEC;
        sealed.max_output_bytes = NEED_MAX_BYTES;
        sealed.lifeline_fd = lifeline_fd;
        r = sealed_run(&sealed, &output, &size, reterr);
        if (r == -ENOSPC)
                return no_space(output ? output : "", &copy.space, reterr);
        if (r < 0)
                return failure_default(reterr, r, "The image cannot be copied");
        *ret_fd = openat(scratch_fd, INTAKE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        return *ret_fd < 0 ? failure_set_errno(reterr, -errno, "The image's copy cannot be opened")
                           : 0;
}
