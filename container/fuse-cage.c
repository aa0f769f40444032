/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A reader of a file system parses what strangers wrote, for as long as the job lasts. Its world is
 * a root of its own in memory, read-only, with the libraries of the host, the image and nothing
 * else: no /proc, no folder of the job, no network, no capability, not one other process. A reader
 * that is taken over can lie about the image, which the image could do before.
 */

#include "container/fuse-cage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/capability.h"
#include "common/failure.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "container/detached.h"
#include "container/fuse-server.h"
#include "container/namespace.h"
#include "container/part.h"
#include "container/process.h"
#include "container/program-needs.h"

#define MIB         (UINT64_C(1024) * 1024)
#define STAGING     "/tmp" /* hidden in the cage's own mount namespace */
#define OUTPUT_MAX  (64u * 1024u)
#define MEMORY_MAX  (4096 * MIB)
#define MOUNT_POINT "/mnt" /* for the library, which wants one */
#define DISK        "/disk"

/* The names under which the two generations of libfuse look for their helper. */
static const char *const handovers[] = { "/bin/fusermount", "/usr/bin/fusermount3" };

static const DetachedOption root_options[] = { { "size", "64k" }, { "mode", "0755" }, {} };

static const PlanLimit limits[] = {
        { RLIMIT_CORE, 0 },
        { RLIMIT_FSIZE, OUTPUT_MAX },
        { RLIMIT_NOFILE, FUSE_CAGE_DESCRIPTOR_MAX },
        { RLIMIT_AS, MEMORY_MAX },
};

_Noreturn static void fail(const FuseCage *cage, int error, const char *what, const char *name) {
        Failure failure = {};

        (void) failure_set_errno(
                        &failure,
                        error,
                        "Cannot %s \"%s\" for the reader \"%s\"",
                        what,
                        name,
                        cage->filesystem->program);
        (void) fd_write_all(cage->failure_fd, &failure, sizeof(failure));
        _exit(EXIT_FAILURE);
}

/* The place for a bind: a folder or file like the source, with the folders on the way to it. */
static int make_place(int root_fd, const char *target, mode_t kind) {
        char parent[PATH_MAX];
        int r;

        (void) snprintf(parent, sizeof(parent), "%s", target + 1);
        if (S_ISDIR(kind))
                return fs_mkdir_beneath(root_fd, parent, 0755);
        if (strrchr(parent, '/')) {
                *strrchr(parent, '/') = '\0';
                r = fs_mkdir_beneath(root_fd, parent, 0755);
                if (r < 0)
                        return r;
        }
        r = fd_open_beneath(root_fd, target + 1, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
        if (r < 0)
                return r;
        (void) close(r);
        return 0;
}

static int bind(int root_fd, const char *source, const char *target, uint64_t attributes) {
        _cleanup_close_ int mount_fd = -EBADF, target_fd = -EBADF;
        struct stat st;
        int r;

        /* What is mounted below belongs to another user namespace: a folder cannot be had without it.
         * Units of systemd have such mounts in /usr/lib (ProtectKernelModules=). */
        mount_fd = detached_clone(AT_FDCWD, source, /* recursive= */ true);
        if (mount_fd < 0)
                return mount_fd;
        if (fstat(mount_fd, &st) < 0)
                return -errno;
        r = make_place(root_fd, target, st.st_mode);
        if (r < 0)
                return r;
        r = detached_set(mount_fd, attributes, /* userns_fd= */ -EBADF);
        if (r < 0)
                return r;
        target_fd = fd_open_beneath(root_fd, target + 1, O_PATH | O_CLOEXEC, 0);
        return target_fd < 0 ? target_fd : detached_attach(mount_fd, target_fd);
}

static int bind_library(int root_fd, const char *path) {
        char text[PATH_MAX];
        struct stat st;
        ssize_t size;

        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (!S_ISLNK(st.st_mode))
                return bind(root_fd,
                            path,
                            path,
                            MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        size = readlink(path, text, sizeof(text) - 1);
        if (size < 0)
                return -errno;
        text[size] = '\0';
        return symlinkat(text, root_fd, path + 1) < 0 ? -errno : 0;
}

/* Puts an empty root over a folder that the reader does not need. */
static int make_root(void) {
        _cleanup_close_ int mount_fd = -EBADF, staging_fd = -EBADF;
        int r;

        mount_fd = detached_filesystem("tmpfs", root_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        if (mount_fd < 0)
                return mount_fd;
        staging_fd = open(STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (staging_fd < 0)
                return -errno;
        r = detached_attach(mount_fd, staging_fd);
        return r < 0 ? r : TAKE_FD(mount_fd);
}

static void fill_root(const FuseCage *cage, int root_fd) {
        const uint64_t program = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
        int r;

        for (size_t i = 0; i < n_program_libraries; i++) {
                r = bind_library(root_fd, program_libraries[i]);
                if (r < 0)
                        fail(cage, r, "show", program_libraries[i]);
        }
        for (size_t i = 0; i < ELEMENTSOF(handovers); i++) {
                r = bind(root_fd, FUSE_PLACE_HANDOVER, handovers[i], program);
                if (r < 0)
                        fail(cage, r, "show", handovers[i]);
        }
        r = bind(root_fd, cage->program, cage->program, program);
        if (r < 0)
                fail(cage, r, "show", cage->program);
        r = bind(root_fd, cage->image, DISK, program | MOUNT_ATTR_NOEXEC);
        if (r < 0)
                fail(cage, r, "show", cage->image);
        for (size_t i = 0; i < n_program_devices; i++) {
                r = bind(root_fd,
                         program_devices[i],
                         program_devices[i],
                         MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
                if (r < 0)
                        fail(cage, r, "show", program_devices[i]);
        }
        r = make_place(root_fd, MOUNT_POINT, S_IFDIR);
        if (r < 0)
                fail(cage, r, "make", MOUNT_POINT);
}

static void enter_root(const FuseCage *cage) {
        struct mount_attr sealed = { .attr_set = MOUNT_ATTR_RDONLY };
        _cleanup_close_ int root_fd = make_root();
        int r;

        if (root_fd < 0)
                fail(cage, root_fd, "make", "the root");
        fill_root(cage, root_fd);
        r = namespace_pivot(root_fd);
        if (r >= 0 && mount_setattr(AT_FDCWD, "/", 0, &sealed, sizeof(sealed)) < 0)
                r = -errno;
        if (r < 0)
                fail(cage, r, "enter", "the root");
}

/* The three and the device; the failure's pipe closes when the reader is executed. */
static int keep_descriptors(const FuseCage *cage) {
        const int keep_fds[] = { FUSE_CAGE_DEVICE_FD, cage->failure_fd };
        int r = process_null_stdio(/* all= */ false);

        if (r < 0)
                return r;
        if (dup2(cage->output_fd, STDOUT_FILENO) < 0 || dup2(cage->output_fd, STDERR_FILENO) < 0)
                return -errno;
        if (cage->device_fd == FUSE_CAGE_DEVICE_FD)
                r = fcntl(cage->device_fd, F_SETFD, 0);
        else
                r = dup2(cage->device_fd, FUSE_CAGE_DEVICE_FD);
        return r < 0 ? -errno : process_close_but(keep_fds, ELEMENTSOF(keep_fds));
}

_Noreturn static void execute(const FuseCage *cage) {
        char options[256];
        const char *const argv[] = {
                cage->program, DISK, MOUNT_POINT, "-f", "-o", options, NULL,
        };
        const char *const environment[] = { "PATH=/bin", "LANG=C.UTF-8", NULL };
        int r;

        (void) snprintf(options,
                        sizeof(options),
                        "auto_unmount,offset=%" PRIu64 "%s%s",
                        cage->offset_bytes,
                        cage->filesystem->program_options ? "," : "",
                        cage->filesystem->program_options ? cage->filesystem->program_options : "");
        process_default_signals();
        (void) signal(SIGXFSZ, SIG_IGN); /* who says too much is not heard to the end */
        r = part_confine(PART_FUSE);
        if (r < 0)
                fail(cage, r, "confine", "the process");
        /* Last, as they are the reader's and no sanitizer's. */
        r = process_set_limits(limits, ELEMENTSOF(limits));
        if (r < 0)
                fail(cage, r, "set", "the limits");
        (void) execve(cage->program, (char *const *) argv, (char *const *) environment);
        fail(cage, -errno, "execute", cage->program);
}

int fuse_cage_namespaces(void) {
        return CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS;
}

void fuse_cage_run(const FuseCage *cage) {
        int r;

        process_die_with_parent(/* lifeline_fd= */ -EBADF);
        (void) setsid();
        r = namespace_make_private();
        if (r < 0)
                fail(cage, r, "detach", "the mount namespace");
        enter_root(cage);
        r = keep_descriptors(cage);
        if (r < 0)
                fail(cage, r, "connect", "the descriptors");
        execute(cage);
}
