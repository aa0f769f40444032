/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* File systems that a program reads in user space: the same tree as by the kernel, a cage with
 * nothing in it, and what happens when the program dies or stops answering. */

#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "container/fuse-cage.h"
#include "container/fuse-server.h"
#include "tests/container/fixture.h"

#define FUSE_MAGIC        0x65735546
#define CANCEL_MSEC       2000
#define HANDOVER_IN_BUILD "../../liveos/" FUSE_HANDOVER_NAME

static const FuseRequest request = {
        .fstype = "ext4",
        .image = "/image/disk",
        .offset_bytes = PARTITION_OFFSET,
        .target = "/image/part/1",
};

static int open_handover(void) {
        _cleanup_free_ char *name = NULL;
        char path[PATH_MAX];
        ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
        int fd;

        ck_assert_int_gt(size, 0);
        path[size] = '\0';
        name = str_printf("%s/" HANDOVER_IN_BUILD, dirname(path));
        fd = open(name, O_PATH | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        return fd;
}

/* The fixture's plan, with a program in the place of the kernel's driver. Returns a descriptor that
 * the plan borrows. */
static int use_fuse(Fixture *fixture) {
        int handover_fd = open_handover();

        for (size_t i = 0; i < fixture->plan->n_ops; i++)
                if (fixture->plan->ops[i].kind == OP_PARTITION) {
                        fixture->plan->ops[i].kind = OP_DIRECTORY;
                        fixture->plan->ops[i].flags = 0;
                        fixture->plan->ops[i].mode = 0755;
                }
        assert_ok(plan_add_fuse(fixture->plan, handover_fd));
        return handover_fd;
}

static int start_server(Seen *seen, FuseServer *server) {
        Failure failure = {};
        int r = fuse_server_start(&request, server, &failure);

        if (r < 0)
                (void) snprintf(seen->text[15], sizeof(seen->text[15]), "%.255s", failure.message);
        return r;
}

static int read_through(void *userdata) {
        FuseServer server = FUSE_SERVER_NONE;
        Seen *seen = userdata;
        Failure failure = {};
        struct statfs fs;
        struct stat st;
        int r;

        r = start_server(seen, &server);
        if (r < 0)
                return r;
        r = fixture_mount_tree(&failure);
        if (r < 0)
                return r;
        seen->value[0] = statfs("/image/part/1", &fs) == 0 && fs.f_type == FUSE_MAGIC;
        seen->value[1] = fixture_probe(true, "read", "/etc/hello");
        seen->value[2] = fixture_probe(true, "read", "/etc/secret");
        seen->value[3] = fixture_probe(true, "read", "/node");
        seen->value[4] = fixture_probe(true, "write", "/etc/hello");
        if (stat("/work/tree/etc/secret", &st) < 0)
                return -errno;
        seen->value[5] = (int) st.st_uid;
        seen->value[6] = open("/image/part/1/new", O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
        seen->value[7] = open("/image/part/1/node", O_RDONLY) < 0 ? errno : 0;
        seen->value[8] = fixture_probe(false, "read", FUSE_PLACE_DEVICE);
        seen->value[9] = fixture_probe(true, "read", FUSE_PLACE_DEVICE);
        fuse_server_stop(&server);
        return 0;
}

TEST(user_space_reads_as_the_kernel_does)
{
        _cleanup_fixture_ Fixture fixture = {};
        _cleanup_close_ int handover_fd = -EBADF;

        fixture_init(&fixture);
        handover_fd = use_fuse(&fixture);
        fixture_run(&fixture, read_through);
        ck_assert_int_eq(fixture.seen->value[0], 1);
        ck_assert_int_eq(fixture.seen->value[1], 0);
        ck_assert_int_eq(fixture.seen->value[2], 0);
        ck_assert_int_eq(fixture.seen->value[3], EACCES);
        ck_assert_int_eq(fixture.seen->value[4], 0);
        ck_assert_int_eq(fixture.seen->value[5], 33);
        ck_assert_int_eq(fixture.seen->value[6], EROFS);
        ck_assert_int_eq(fixture.seen->value[7], EACCES);
        /* The device is the conductor's alone. */
        ck_assert_int_eq(fixture.seen->value[8], ENOENT);
        ck_assert_int_eq(fixture.seen->value[9], ENOENT);
}

/* Has the reader read, and waits until it may end. */
static int hold_server(void *userdata) {
        FuseServer server = FUSE_SERVER_NONE;
        Seen *seen = userdata;
        char path[64];
        int r;

        r = start_server(seen, &server);
        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "/.inner/proc/%d/status", (int) server.pid);
        seen->value[1] = fixture_confinement(path);
        seen->value[0] = 1;
        while (*(volatile int *) &seen->value[2] == 0)
                (void) nanosleep(&(struct timespec){ .tv_nsec = 1000 * 1000 }, NULL);
        fuse_server_stop(&server);
        return 0;
}

/* The process of that name with an id of the fixture's. */
static pid_t find_server(const char *name) {
        _cleanup_free_ char *comm = str_printf("%s\n", name);
        _cleanup_free_ char *uid = str_printf("Uid:\t%u", UID_BASE);
        _cleanup_closedir_ DIR *d = opendir("/proc");

        for (struct dirent *entry = fs_readdir(d); entry; entry = fs_readdir(d)) {
                pid_t pid = atoi(entry->d_name);

                if (pid > 0 && fixture_has_line(pid, "comm", comm) &&
                    fixture_has_line(pid, "status", uid))
                        return pid;
        }
        return 0;
}

static bool is_among(const char *name, const char *const *names) {
        for (; *names; names++)
                if (str_after_prefix(name, *names))
                        return true;
        return false;
}

/* Each entry of a folder of the process begins with one of the names, by what it leads to if it is asked. */
static void check_folder(pid_t pid, const char *folder, bool links, const char *const *names) {
        _cleanup_free_ char *path = str_printf("/proc/%d/%s", (int) pid, folder);
        _cleanup_closedir_ DIR *d = opendir(path);
        unsigned n = 0;

        ck_assert_msg(d, "%s: %s", path, strerror(errno));
        for (struct dirent *entry = fs_readdir(d); entry; entry = fs_readdir(d), n++) {
                char text[PATH_MAX] = "";

                if (links)
                        ck_assert_int_gt(
                                        readlinkat(dirfd(d), entry->d_name, text, sizeof(text) - 1),
                                        0);
                else
                        (void) stpcpy(text, entry->d_name);
                ck_assert_msg(is_among(text, names), "%s has %s", folder, text);
        }
        ck_assert_uint_gt(n, 2);
}

static void check_reader(pid_t pid) {
        static const char *const root[] = {
                "bin", "dev", "disk", "etc", "lib", "mnt", "usr", NULL
        };
        /* The socket is one end of a pair of its own, for what libfuse takes for its helper. */
        static const char *const fds[] = { "/dev/null", "/memfd:fuse2fs", "/.inner/fuse/device",
                                           "/disk",     "socket:",        NULL };
        _cleanup_free_ char *net = str_printf("/proc/%d/net/dev", (int) pid);
        _cleanup_fclose_ FILE *f = fopen(net, "re");
        unsigned n_interfaces = 0;
        char line[256];

        check_folder(pid, "root", /* links= */ false, root);
        check_folder(pid, "fd", /* links= */ true, fds);
        ck_assert_ptr_nonnull(f);
        while (fgets(line, sizeof(line), f))
                n_interfaces += strchr(line, ':') && !strstr(line, "lo:");
        ck_assert_uint_eq(n_interfaces, 0);
        fixture_check_limit(pid, "Max file size", 64 * 1024);
        fixture_check_limit(pid, "Max open files", FUSE_CAGE_DESCRIPTOR_MAX);
        fixture_check_limit(pid, "Max address space", UINT64_C(4) * 1024 * 1024 * 1024);
        fixture_check_limit(pid, "Max core file size", 0);
}

/* The conductor's filter of two programs, and within it the reader's own; its own root, its own network
 * in a container that has one, and no more descriptors than it needs. */
TEST(reader_has_no_privilege)
{
        _cleanup_fixture_ Fixture fixture = {};
        _cleanup_close_ int handover_fd = -EBADF;
        pid_t outer, pid;
        int status;

        fixture_init(&fixture);
        handover_fd = use_fuse(&fixture);
        fixture.plan->network = true;
        outer = fork();
        ck_assert_int_ge(outer, 0);
        if (outer == 0) {
                fixture_run(&fixture, hold_server);
                _exit(EXIT_SUCCESS);
        }
        for (unsigned i = 0; i < 1000 && *(volatile int *) fixture.seen->value == 0; i++)
                (void) nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
        ck_assert_int_eq(fixture.seen->value[1], 2 + 2);
        pid = find_server("fuse2fs");
        ck_assert_int_gt(pid, 0);
        check_reader(pid);
        fixture.seen->value[2] = 1;
        ck_assert_int_eq(waitpid(outer, &status, 0), outer);
        ck_assert_int_eq(status, 0);
}

static int outlive_server(void *userdata) {
        FuseServer server = FUSE_SERVER_NONE;
        Failure failure = {};
        Seen *seen = userdata;
        int r;

        r = start_server(seen, &server);
        if (r < 0)
                return r;
        seen->value[0] = fuse_server_check(&server, &failure);
        if (kill(server.pid, SIGKILL) < 0)
                return -errno;
        while (r == 0)
                r = fuse_server_check(&server, &failure);
        seen->value[1] = r;
        (void) snprintf(seen->text[0], sizeof(seen->text[0]), "%.255s", failure.message);
        seen->value[2] = open("/image/part/1/etc/hello", O_RDONLY) < 0 ? errno : 0;
        fuse_server_stop(&server);
        return 0;
}

TEST(reader_that_died_fails_what_reads)
{
        _cleanup_fixture_ Fixture fixture = {};
        _cleanup_close_ int handover_fd = -EBADF;

        fixture_init(&fixture);
        handover_fd = use_fuse(&fixture);
        fixture_run(&fixture, outlive_server);
        ck_assert_int_eq(fixture.seen->value[0], 0);
        ck_assert_int_eq(fixture.seen->value[1], -EIO);
        ck_assert_msg(strstr(fixture.seen->text[0],
                             "The ext4 file system at byte 1048576 of the image cannot be read: "
                             "fuse2fs was ended by signal 9 (Killed)."),
                      "%s",
                      fixture.seen->text[0]);
        ck_assert_int_eq(fixture.seen->value[2], ENOTCONN);
}

static int read_no_file_system(void *userdata) {
        FuseRequest nothing = request;
        FuseServer server;
        Failure failure = {};
        Seen *seen = userdata;

        nothing.offset_bytes = 0;
        seen->value[0] = fuse_server_start(&nothing, &server, &failure);
        (void) snprintf(seen->text[0], sizeof(seen->text[0]), "%.255s", failure.message);
        return 0;
}

TEST(no_file_system_is_said_in_words)
{
        _cleanup_fixture_ Fixture fixture = {};
        _cleanup_close_ int handover_fd = -EBADF;

        fixture_init(&fixture);
        handover_fd = use_fuse(&fixture);
        fixture_run(&fixture, read_no_file_system);
        ck_assert_int_eq(fixture.seen->value[0], -ENOEXEC);
        ck_assert_msg(strstr(fixture.seen->text[0],
                             "The ext4 file system at byte 0 of the image cannot be read: fuse2fs "
                             "ended with status 2 and said: \"Mounting read-only. /disk: Bad "
                             "magic number in super-block."),
                      "%s",
                      fixture.seen->text[0]);
}

static int wait_for_nothing(void *userdata) {
        FuseServer server = FUSE_SERVER_NONE;
        Seen *seen = userdata;
        Failure failure = {};
        int r;

        r = start_server(seen, &server);
        if (r >= 0)
                r = fixture_mount_tree(&failure);
        if (r < 0)
                return r;
        if (kill(server.pid, SIGSTOP) < 0)
                return -errno;
        seen->value[0] = 1;
        return fixture_probe(true, "read", "/etc/hello");
}

static uint64_t now_msec(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

/* A reader that never answers leaves those who ask in a sleep that no signal ends; its own death
 * does. */
TEST(reader_that_stalls_can_be_cancelled)
{
        _cleanup_fixture_ Fixture fixture = {};
        _cleanup_close_ int handover_fd = -EBADF;
        int ends[2], status;
        uint64_t begin;
        pid_t pid;

        fixture_init(&fixture);
        handover_fd = use_fuse(&fixture);
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                ContainerExit ended = {};

                (void) close(ends[1]);
                (void) container_run(
                                fixture.plan,
                                ends[0],
                                wait_for_nothing,
                                fixture.seen,
                                &ended,
                                /* reterr= */ NULL);
                _exit(ended.end == CONTAINER_CANCELLED ? 0 : 1);
        }
        (void) close(ends[0]);
        /* Until the one who asks hangs in its question. */
        for (unsigned i = 0; i < 1000 && *(volatile int *) fixture.seen->value == 0; i++)
                (void) nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
        ck_assert_int_eq(fixture.seen->value[0], 1);
        (void) nanosleep(&(struct timespec){ .tv_nsec = 300 * 1000 * 1000 }, NULL);
        ck_assert_int_eq(waitpid(pid, &status, WNOHANG), 0);
        begin = now_msec();
        (void) close(ends[1]);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
        ck_assert_uint_lt(now_msec() - begin, CANCEL_MSEC);
        ck_assert_uint_eq(fixture_settle(&fixture), 0);
}
