/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The mount is made before the program runs, so the program needs no right to make one; it gets the
 * open device alone. Nobody else keeps the device: its last descriptor closes with the program, and
 * that is what makes the kernel fail the requests of those who wait for an answer.
 */

#include "container/fuse-server.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/strings.h"
#include "container/command-output.h"
#include "container/detached.h"
#include "container/fuse-cage.h"
#include "container/namespace.h"
#include "container/process.h"

#define START_MSEC (60 * 1000)
#define SAID_SIZE  512

/* The kernel wants the device opened in the user namespace that mounts. allow_other: the container's
 * other ids may read too; default_permissions: as modes say. What is mounted in a user namespace is out
 * of reach for processes outside of it. */
static int make_mount(int device_fd, const char *source) {
        char number[16];
        const DetachedOption options[] = {
                { "fd", number },
                { "rootmode", "40000" },
                { "user_id", "0" },
                { "group_id", "0" },
                { "default_permissions", NULL },
                { "allow_other", NULL },
                {},
        };

        (void) snprintf(number, sizeof(number), "%d", device_fd);
        return detached_device(
                        source,
                        "fuse",
                        options,
                        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

static int mount_at(int device_fd, const Filesystem *filesystem, const char *target) {
        _cleanup_close_ int mount_fd = make_mount(device_fd, filesystem->program),
                            target_fd = -EBADF;

        if (mount_fd < 0)
                return mount_fd;
        target_fd = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return target_fd < 0 ? -errno : detached_attach(mount_fd, target_fd);
}

static int start_program(FuseCage *cage, FuseServer *server, Failure *reterr) {
        _cleanup_close_ int told_fd = -EBADF, failure_fd = -EBADF;
        int failure_fds[2];
        Failure failure;

        if (pipe2(failure_fds, O_CLOEXEC) < 0)
                return -errno;
        told_fd = failure_fds[0];
        failure_fd = cage->failure_fd = failure_fds[1];
        server->pid = namespace_fork(fuse_cage_namespaces());
        if (server->pid < 0)
                return -errno;
        if (server->pid == 0)
                fuse_cage_run(cage);
        server->pid_fd = process_open(server->pid);
        if (server->pid_fd < 0)
                return server->pid_fd;
        (void) close(TAKE_FD(failure_fd));
        if (read(told_fd, &failure, sizeof(failure)) != (ssize_t) sizeof(failure))
                return 0;
        if (reterr)
                *reterr = failure;
        return failure.error;
}

static int wait_msec(int pid_fd, int msec) {
        struct pollfd fd = { .fd = pid_fd, .events = POLLIN };
        int r;

        do
                r = poll(&fd, 1, msec);
        while (r < 0 && errno == EINTR);
        return r < 0 ? -errno : r;
}

/* Another process asks the first question, as nobody knows whether there will be an answer. It gets
 * one at the latest when the program is gone. */
static int wait_answer(const char *target) {
        _cleanup_close_ int pid_fd = -EBADF;
        struct statfs fs;
        int status, r;
        pid_t pid;

        pid = namespace_fork(/* flags= */ 0);
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                process_die_with_parent(/* lifeline_fd= */ -EBADF);
                _exit(statfs(target, &fs) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        pid_fd = process_open(pid);
        r = pid_fd < 0 ? pid_fd : wait_msec(pid_fd, START_MSEC);
        if (r <= 0) {
                (void) kill(pid, SIGKILL);
                /* It is waited for when the program does not keep it any more. */
                return r < 0 ? r : -ETIMEDOUT;
        }
        r = process_wait(pid, &status);
        if (r < 0)
                return r;
        return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS ? 0 : -EIO;
}

/* The first lines, one behind the other: the cause is said before the advice. */
static void keep_line(void *userdata, const char *line) {
        char *text = userdata;
        size_t used = strlen(text);

        if (line[strspn(line, " \t")] != '\0')
                (void) snprintf(text + used, SAID_SIZE - used, "%s%s", used > 0 ? " " : "", line);
}

static void read_said(const FuseServer *server, char ret_said[static SAID_SIZE]) {
        const Command listener = { .on_line = keep_line, .userdata = ret_said };
        CommandOutput output;

        ret_said[0] = '\0';
        if (lseek(server->output_fd, 0, SEEK_SET) < 0)
                return;
        command_output_init(&output, &listener);
        while (command_output_take(&output, server->output_fd) > 0)
                continue;
        command_output_finish(&output);
}

static void describe_end(int status, char ret_text[static 64]) {
        if (WIFSIGNALED(status))
                (void) snprintf(ret_text,
                                64,
                                "was ended by signal %d (%s)",
                                WTERMSIG(status),
                                sigdescr_np(WTERMSIG(status)));
        else
                (void) snprintf(ret_text, 64, "ended with status %d", WEXITSTATUS(status));
}

/* The program is gone, or going. */
static int judge_end(FuseServer *server, int error, Failure *reterr) {
        char said[SAID_SIZE], end[64];
        int status = 0, r;

        r = process_wait(server->pid, &status);
        server->pid = 0;
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "Cannot wait for %s",
                                server->filesystem->program);
        describe_end(status, end);
        read_said(server, said);
        return failure_set(
                        reterr,
                        error,
                        "The %s file system at byte %llu of the image cannot be read: %s %s%s%s%s "
                        "The file system may be damaged, or have a feature that %s does not know.",
                        server->filesystem->name,
                        (unsigned long long) server->offset_bytes,
                        server->filesystem->program,
                        end,
                        said[0] ? " and said: \"" : ".",
                        said,
                        said[0] ? "\"." : "",
                        server->filesystem->program);
}

static int judge_start(FuseServer *server, int error, Failure *reterr) {
        /* An end that has begun is seen in a moment. */
        if (error == -EIO && wait_msec(server->pid_fd, START_MSEC) > 0)
                return judge_end(server, -ENOEXEC, reterr);
        if (error == -ETIMEDOUT)
                return failure_set(
                                reterr,
                                error,
                                "The %s file system at byte %llu of the image cannot be read: %s "
                                "did not come to an end with its beginning in %d s; the file "
                                "system may be damaged.",
                                server->filesystem->name,
                                (unsigned long long) server->offset_bytes,
                                server->filesystem->program,
                                START_MSEC / 1000);
        return failure_set_errno(
                        reterr,
                        error,
                        "The %s file system at byte %llu of the image cannot be read",
                        server->filesystem->name,
                        (unsigned long long) server->offset_bytes);
}

static int start(const FuseRequest *request, FuseCage *cage, FuseServer *server, Failure *reterr) {
        _cleanup_close_ int device_fd = open(FUSE_PLACE_DEVICE, O_RDWR | O_CLOEXEC);
        int r;

        if (device_fd < 0)
                return failure_set_errno(reterr, -errno, "Cannot open the device of FUSE");
        server->output_fd = memfd_create(server->filesystem->program, MFD_CLOEXEC);
        if (server->output_fd < 0)
                return -errno;
        r = mount_at(device_fd, server->filesystem, request->target);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "Cannot mount a file system of user space at \"%s\"",
                                request->target);
        cage->device_fd = device_fd;
        cage->output_fd = server->output_fd;
        return start_program(cage, server, reterr);
}

int fuse_server_start(const FuseRequest *request, FuseServer *ret, Failure *reterr) {
        _cleanup_(fuse_server_stop) FuseServer server = FUSE_SERVER_NONE;
        char program[FILESYSTEM_PROGRAM_SIZE];
        FuseCage cage = {
                .filesystem = filesystem_find(request->fstype),
                .program = program,
                .image = request->image,
                .offset_bytes = request->offset_bytes,
        };
        int r;

        assert(cage.filesystem && cage.filesystem->program);
        server.filesystem = cage.filesystem;
        server.offset_bytes = request->offset_bytes;
        r = filesystem_find_program(cage.filesystem, program);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "Cannot find the program %s",
                                cage.filesystem->program);
        r = start(request, &cage, &server, reterr);
        if (r < 0)
                return failure_default(reterr, r, "Cannot start %s", cage.filesystem->program);
        r = wait_answer(request->target);
        if (r < 0)
                return judge_start(&server, r, reterr);
        *ret = server;
        server = FUSE_SERVER_NONE;
        return 0;
}

int fuse_server_check(FuseServer *server, Failure *reterr) {
        if (server->pid <= 0 || wait_msec(server->pid_fd, 0) == 0)
                return 0;
        return judge_end(server, -EIO, reterr);
}

void fuse_server_stop(FuseServer *server) {
        process_kill(server->pid);
        if (server->pid_fd >= 0)
                (void) close(server->pid_fd);
        if (server->output_fd >= 0)
                (void) close(server->output_fd);
        *server = FUSE_SERVER_NONE;
}
