/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The file system is made by mke2fs without any right, and so that making it costs nothing: no journal,
 * no room to grow, nothing written that is zero anyway.
 */

#include "liveos/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "container/capability-sets.h"
#include "container/process.h"
#include "liveos/places.h"

/* In the scratch folder. */
#define IMAGE_NAME "scratch.img"
#define MIB        (UINT64_C(1) << 20)

/* What an empty file system takes of the disk, at most. */
#define METADATA_BYTES (32 * MIB)

/* Below this it counts as full: a program that has failed has taken its last file away again. */
#define FULL_BYTES (4 * MIB)
#define FULL_FILES 16u

/* Leaves with the status of mke2fs. */
_Noreturn static void make_filesystem(int fd) {
        static const char *const arguments[] = {
                "mke2fs",
                "-q",
                "-F",
                "-t",
                "ext4",
                "-b",
                "4096",
                "-m",
                "0",
                "-O",
                "^has_journal,^resize_inode,^metadata_csum",
                "-E",
                "lazy_itable_init=1,nodiscard",
                "/dev/fd/3",
                NULL,
        };
        static const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
        static const int keep_fds[] = { 3 };

        if (dup2(fd, 3) < 0 || process_null_stdio(/* all= */ true) < 0 ||
            process_close_but(keep_fds, ELEMENTSOF(keep_fds)) < 0 ||
            capability_limit(CAPABILITIES_NONE) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                _exit(EXIT_FAILURE);
        process_die_with_parent(/* lifeline_fd= */ -EBADF);
        (void) execvpe(arguments[0], (char *const *) arguments, (char *const *) environment);
        _exit(EXIT_FAILURE);
}

static int run_mkfs(int fd) {
        int status, r;
        pid_t pid = fork();

        if (pid < 0)
                return -errno;
        if (pid == 0)
                make_filesystem(fd);
        r = process_wait(pid, &status);
        if (r < 0)
                return r;
        return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS ? 0 : -EIO;
}

/* It says nothing itself: whether the disk was full is seen by what is free now. */
static int mkfs_failure(int error, Failure *reterr) {
        struct statvfs st;
        uint64_t free_bytes = fstatvfs(ORDER_FD_SCRATCH, &st) < 0
                                              ? UINT64_MAX
                                              : (uint64_t) st.f_bavail * st.f_frsize;

        if (free_bytes < METADATA_BYTES)
                return failure_set(
                                reterr,
                                -ENOSPC,
                                "The job's scratch space cannot be made: the service's scratch folder has only %" PRIu64
                                " bytes left; free some space there.",
                                free_bytes);
        return failure_set(
                        reterr,
                        error,
                        "mke2fs (package e2fsprogs) cannot make the job's scratch space in the service's scratch folder; see that the package is installed and the disk sound.");
}

int scratch_make(const Order *order, Failure *reterr) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        fd = openat(ORDER_FD_SCRATCH, IMAGE_NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "No file can be made in the scratch folder");
        if (ftruncate(fd, (off_t) (order->scratch_max_bytes / 4096 * 4096)) < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "The scratch folder's file system takes no file of %" PRIu64
                                " MiB; lower limits.scratchBytes in the service's settings",
                                order->scratch_max_bytes / MIB);
        r = run_mkfs(fd);
        if (r < 0)
                return mkfs_failure(r, reterr);
        /* Without a name it goes with its last user, whoever dies. */
        if (unlinkat(ORDER_FD_SCRATCH, IMAGE_NAME, 0) < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "The name of the job's scratch space cannot be removed");
        return TAKE_FD(fd);
}

int scratch_watch(void) {
        int fd = open(PLACE_WORK, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

static bool is_full(int watch_fd) {
        struct statvfs st;

        return fstatvfs(watch_fd, &st) >= 0 &&
               ((uint64_t) st.f_bavail * st.f_frsize < FULL_BYTES || st.f_favail < FULL_FILES);
}

/* The kernel writes later than a program does, and tells an error to who asks, not to who wrote. */
bool scratch_judge(int watch_fd, const Order *order, Failure *failure) {
        if (watch_fd < 0)
                return false;
        if (failure->error < 0 && is_full(watch_fd)) {
                failure->error = -ENOSPC;
                failure_prefix(failure,
                               "The job's scratch space, %" PRIu64
                               " MiB (limits.scratchBytes in the service's settings), is full: ",
                               order->scratch_max_bytes / MIB);
                return true;
        }
        if (syncfs(watch_fd) >= 0)
                return false;
        *failure = (Failure){};
        (void) failure_set(
                        failure,
                        -ENOSPC,
                        "What the job wrote could not be kept, as the disk of the service's scratch folder has no space left or is broken: free some space there, and look at the kernel's log.");
        return true;
}
