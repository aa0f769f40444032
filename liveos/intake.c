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
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/strings.h"
#include "container/sealed.h"
#include "liveos/source.h"
#include "liveos/space.h"

#define COPY_TIMEOUT_USEC (UINT64_C(3600) * 1000000)
#define CPU_SECONDS       3600
#define WHAT              "The image"

typedef struct Copy {
        int from_fd;
        int to_fd;
        uint64_t max_bytes;
        const char *folder; /* what it is called */
        Space space;
} Copy;

/* `need_bytes` is 0 when it is not known. */
static int no_space(uint64_t need_bytes, const Copy *copy, Failure *reterr) {
        const char *folder = copy->folder;
        char need[24];

        (void) snprintf(need, sizeof(need), "%" PRIu64, need_bytes);
        return failure_set(
                        reterr,
                        -ENOSPC,
                        "The image's copy needs %s bytes of space, but in the service's %s folder only %" PRIu64
                        " are free: free some, or give the service a larger %s folder.",
                        need_bytes > 0 ? need : "more",
                        folder,
                        copy->space.free_bytes,
                        folder);
}

/* What does not fit is seen before anything is written; a reflink needs nothing, and what is
 * compressed on its way to disk nobody knows. */
static int copy_image(const Copy *copy, Failure *reterr) {
        uint64_t need_bytes = 0;
        Source source;
        int r;

        r = source_look(copy->from_fd, WHAT, copy->max_bytes, &source, reterr);
        if (r < 0)
                return r;
        if (source.is_local && ioctl(copy->to_fd, FICLONE, copy->from_fd) >= 0)
                return 0;
        if (source.is_local)
                r = fd_count_data(copy->from_fd, &need_bytes);
        if (r >= 0)
                r = copy->space.is_plain && need_bytes > copy->space.free_bytes
                                    ? -ENOSPC
                                    : source_copy(&source, copy->from_fd, copy->to_fd);
        if (r == -ENOSPC)
                return no_space(need_bytes, copy, reterr);
        if (r == -EBUSY)
                return failure_set(
                                reterr,
                                r,
                                "The image became shorter while it was copied; build again when it no longer changes.");
        return r < 0 ? failure_set_errno(reterr, r, "The image cannot be copied") : 0;
}

/* Says the sentence of its failure. */
static int copier(void *userdata, int out_fd) {
        Failure failure = {};
        int r = copy_image(userdata, &failure);

        if (r < 0)
                (void) fd_write_all(out_fd, failure.message, strlen(failure.message));
        return r;
}

static int run_copier(Copy *copy, int lifeline_fd, Failure *reterr) {
        _cleanup_free_ char *output = NULL;
        Sealed sealed = SEALED_INIT;
        size_t size = 0;
        int r;

        sealed.name = "copying of the image";
        sealed.profile = SEALED_COPIER;
        sealed.function = copier;
        sealed.userdata = copy;
        sealed.keep_fds = (const int[]){ copy->from_fd, copy->to_fd };
        sealed.n_keep_fds = 2;
        sealed.max_file_bytes = copy->max_bytes;
        sealed.cpu_seconds = CPU_SECONDS;
        sealed.timeout_usec = COPY_TIMEOUT_USEC;
        sealed.max_output_bytes = FAILURE_MESSAGE_MAX;
        sealed.lifeline_fd = lifeline_fd;
        r = sealed_run(&sealed, &output, &size, reterr);
        if (r >= 0 || size == 0)
                return r;
        str_blank_controls(output);
        str_make_utf8(output);
        return failure_set(reterr, r, "%s", output);
}

int intake_copy(int image_fd,
                const IntakeTarget *target,
                uint64_t max_bytes,
                int lifeline_fd,
                int *ret_fd,
                Failure *reterr) {
        _cleanup_close_ int to_fd = -EBADF;
        Copy copy;
        int r = fd_check_reading(image_fd, WHAT, reterr);

        if (r < 0)
                return r;
        to_fd = openat(target->folder_fd,
                       target->name,
                       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                       0600);
        if (to_fd < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "No file can be made in the service's %s folder",
                                target->folder);
        copy = (Copy){ .from_fd = image_fd,
                       .to_fd = to_fd,
                       .max_bytes = max_bytes,
                       .folder = target->folder };
        r = space_look(to_fd, &copy.space);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "The free space of the service's %s folder cannot be looked at",
                                target->folder);
        r = run_copier(&copy, lifeline_fd, reterr);
        if (r < 0) {
                /* A child that hangs in the kernel keeps the file open, but not its space. */
                _unused_ int truncated = ftruncate(to_fd, 0);

                return failure_default(reterr, r, "The image cannot be copied");
        }
        *ret_fd = openat(target->folder_fd, target->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        return *ret_fd < 0 ? failure_set_errno(reterr, -errno, "The image's copy cannot be opened")
                           : 0;
}
