/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sealed functions: their results, their limits, and what happens to those that try more. */

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "container/sealed.h"
#include "tests/container/fixture.h"

static int read_input(void *userdata, int out_fd) {
        char text[64];
        ssize_t size = pread(*(int *) userdata, text, sizeof(text), 0);

        if (size < 0)
                return -errno;
        return fd_write_all(out_fd, text, (size_t) size);
}

static int refuse_input(void *userdata _unused_, int out_fd) {
        int r = fd_write_all(out_fd, "line 3", 6);

        return r < 0 ? r : -EBADMSG;
}

static int look_around(void *userdata _unused_, int out_fd) {
        char text[64];
        int size = snprintf(
                        text,
                        sizeof(text),
                        "open %d stat %d",
                        open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0,
                        access("/usr", F_OK) < 0 ? errno : 0);

        return fd_write_all(out_fd, text, (size_t) size);
}

static int open_socket(void *userdata _unused_, int out_fd _unused_) {
        return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 ? -errno : 0;
}

static int make_process(void *userdata _unused_, int out_fd _unused_) {
        return fork() < 0 ? -errno : 0;
}

static int control_file(void *userdata, int out_fd _unused_) {
        return ioctl(*(int *) userdata, FICLONE, *(int *) userdata) < 0 ? -errno : 0;
}

static int crash(void *userdata _unused_, int out_fd _unused_) {
        (void) raise(SIGKILL);
        abort();
}

static int flood(void *userdata _unused_, int out_fd) {
        char block[4096] = {};

        while (write(out_fd, block, sizeof(block)) > 0)
                continue;
        return -errno;
}

static int spin(void *userdata _unused_, int out_fd _unused_) {
        for (volatile unsigned i = 0;; i++)
                continue;
        return 0;
}

static Sealed sealed_new(int (*function)(void *userdata, int out_fd)) {
        Sealed sealed = SEALED_INIT;

        sealed.name = "reader of the test";
        sealed.function = function;
        sealed.max_output_bytes = 1024 * 1024;
        sealed.max_memory_bytes = sealed_memory_default();
        return sealed;
}

TEST(result_comes_through)
{
        int fd = test_file("some bytes", 10);
        Sealed sealed = sealed_new(read_input);
        _cleanup_free_ char *result = NULL;
        Failure failure = {};
        size_t size;
        int r;

        sealed.keep_fds = &fd;
        sealed.n_keep_fds = 1;
        sealed.userdata = &fd;
        r = sealed_run(&sealed, &result, &size, &failure);
        ck_assert_msg(r == 0, "%s", failure.message);
        ck_assert_uint_eq(size, 10);
        ck_assert_str_eq(result, "some bytes");
        (void) close(fd);
}

TEST(other_descriptors_are_closed)
{
        int fd = test_file("some bytes", 10);
        Sealed sealed = sealed_new(read_input);
        _cleanup_free_ char *result = NULL;
        size_t size;

        sealed.userdata = &fd;
        assert_errno(sealed_run(&sealed, &result, &size, NULL), -EBADF);
        (void) close(fd);
}

TEST(error_comes_with_what_was_written)
{
        Sealed sealed = sealed_new(refuse_input);
        _cleanup_free_ char *result = NULL;
        Failure failure = {};
        size_t size;

        assert_errno(sealed_run(&sealed, &result, &size, &failure), -EBADMSG);
        ck_assert_int_eq(failure.error, 0);
        ck_assert_str_eq(result, "line 3");
}

TEST(nothing_can_be_opened)
{
        Sealed sealed = sealed_new(look_around);
        _cleanup_free_ char *result = NULL;
        Failure failure = {};
        size_t size;

        assert_ok(sealed_run(&sealed, &result, &size, &failure));
        ck_assert_str_eq(result, "open 2 stat 2");
}

static const struct {
        const char *what;
        int (*function)(void *userdata, int out_fd);
        int signal;
} killed[] = {
        { "socket", open_socket, SIGSYS },
        { "fork", make_process, SIGSYS },
        { "spin", spin, SIGKILL },
};

TEST_ROWS(tries_end_it, ELEMENTSOF(killed)) {
        Sealed sealed = sealed_new(killed[_i].function);
        _cleanup_free_ char *result = NULL;
        Failure failure = {};
        char expected[32];
        size_t size;

        sealed.cpu_seconds = 1;
        assert_errno(sealed_run(&sealed, &result, &size, &failure), -EBADMSG);
        (void) snprintf(expected, sizeof(expected), "signal %d ", killed[_i].signal);
        assert_failure(&failure, expected);
        assert_failure(&failure, "The reader of the test");
}

TEST(crash_is_told)
{
        Sealed sealed = sealed_new(crash);
        _cleanup_free_ char *result = NULL;
        Failure failure = {};
        size_t size;

        assert_errno(sealed_run(&sealed, &result, &size, &failure), -EBADMSG);
        assert_failure(&failure, "its input is damaged");
}

TEST(output_is_bounded)
{
        Sealed sealed = sealed_new(flood);
        _cleanup_free_ char *result = NULL;
        Failure failure = {};
        size_t size;

        assert_errno(sealed_run(&sealed, &result, &size, &failure), -E2BIG);
        assert_failure(&failure, "1048576 bytes");
}

TEST(time_is_bounded)
{
        Sealed sealed = sealed_new(spin);
        _cleanup_free_ char *result = NULL;
        Failure failure = {};
        size_t size;

        sealed.timeout_usec = 100000;
        assert_errno(sealed_run(&sealed, &result, &size, &failure), -ETIMEDOUT);
}

TEST(lifeline_ends_it)
{
        Sealed sealed = sealed_new(spin);
        _cleanup_free_ char *result = NULL;
        Failure failure = {};
        size_t size;
        int ends[2];

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        (void) close(ends[1]);
        sealed.lifeline_fd = ends[0];
        assert_errno(sealed_run(&sealed, &result, &size, &failure), -ECANCELED);
}

static int copy(void *userdata, int out_fd _unused_) {
        const int *fds = userdata;
        int r = fd_copy_file(fds[0], fds[1]);

        if (r < 0)
                return r;
        return fsync(fds[1]) < 0 ? -errno : 0;
}

TEST(copier_copies_and_no_more_than_it_may)
{
        _cleanup_folder_ char *folder = NULL;
        Sealed sealed = sealed_new(copy);
        _cleanup_free_ char *result = NULL, *again = NULL;
        Failure failure = {};
        int folder_fd, fds[2], r;
        struct stat st;
        size_t size;

        folder = test_folder_new(&folder_fd);
        fds[0] = openat(folder_fd, "from", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        fds[1] = openat(folder_fd, "to", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_eq(ftruncate(fds[0], 3 * 1024 * 1024), 0);
        ck_assert_int_eq(pwrite(fds[0], "abc", 3, 1024 * 1024), 3);
        sealed.profile = SEALED_COPIER;
        sealed.keep_fds = fds;
        sealed.n_keep_fds = 2;
        sealed.userdata = fds;
        sealed.max_file_bytes = 4 * 1024 * 1024;
        r = sealed_run(&sealed, &result, &size, &failure);
        ck_assert_msg(r == 0, "%d %s", r, failure.message);
        ck_assert_int_eq(fstat(fds[1], &st), 0);
        ck_assert_int_eq(st.st_size, 3 * 1024 * 1024);

        /* One byte too many is an error, or by SIGXFSZ its end, and is not written. */
        free(TAKE_PTR(result));
        ck_assert_int_eq(pwrite(fds[0], "abc", 3, 4 * 1024 * 1024 - 2), 3);
        r = sealed_run(&sealed, &result, &size, &failure);
        ck_assert_msg(r == -EFBIG || r == -EBADMSG, "%d %s", r, failure.message);
        ck_assert_int_eq(fstat(fds[1], &st), 0);
        ck_assert_int_le(st.st_size, 4 * 1024 * 1024);

        sealed.profile = SEALED_READER;
        sealed.function = control_file;
        assert_errno(sealed_run(&sealed, &again, &size, &failure), -ENOTTY);
}

/* --- seen from outside ------------------------------------------------------------------------ */

#define FILE_BYTES   (UINT64_C(7) * 1024 * 1024)
#define MEMORY_BYTES (UINT64_C(1) << 46) /* a sanitizer wants much */
#define CPU_SECONDS  123u

/* Says that it runs, and waits until it may go on: userdata are a pipe's two ends. */
static int wait_to_be_seen(void *userdata, int out_fd _unused_) {
        const int *fds = userdata;
        char byte = 0;

        return write(fds[0], &byte, 1) == 1 && read(fds[1], &byte, 1) == 1 ? 0 : -EPIPE;
}

/* The process of another PID namespace among the children; the one beside it keeps the user namespace. */
static pid_t find_sealed(pid_t parent) {
        _cleanup_closedir_ DIR *d = opendir("/proc");

        for (struct dirent *entry = fs_readdir(d); entry; entry = fs_readdir(d)) {
                _cleanup_free_ char *path = str_printf("/proc/%s/status", entry->d_name);
                _cleanup_fclose_ FILE *f = fopen(path, "re");
                int its_parent = 0, outside = 0, inside = 0;
                char line[256];

                while (f && fgets(line, sizeof(line), f)) {
                        (void) sscanf(line, "PPid: %d", &its_parent);
                        if (sscanf(line, "NSpid: %d %d", &outside, &inside) == 2 &&
                            its_parent == parent)
                                return outside;
                }
        }
        return 0;
}

static unsigned count_entries(pid_t pid, const char *folder) {
        _cleanup_free_ char *path = str_printf("/proc/%d/%s", (int) pid, folder);
        _cleanup_closedir_ DIR *d = opendir(path);
        unsigned n = 0;

        ck_assert_msg(d, "%s: %s", path, strerror(errno));
        while (fs_readdir(d))
                n++;
        return n;
}

static void check_namespaces(pid_t pid) {
        static const char *const kinds[] = { "cgroup", "ipc", "mnt", "net", "pid", "user", "uts" };

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_free_ char *ours = str_printf("/proc/self/ns/%s", kinds[i]);
                _cleanup_free_ char *its = str_printf("/proc/%d/ns/%s", (int) pid, kinds[i]);
                struct stat a, b;

                ck_assert_int_eq(stat(ours, &a), 0);
                ck_assert_int_eq(stat(its, &b), 0);
                ck_assert_msg(a.st_ino != b.st_ino, "%s is the host's", kinds[i]);
        }
}

static void check_sealed(pid_t pid) {
        _cleanup_free_ char *status = str_printf("/proc/%d/status", (int) pid);
        _cleanup_free_ char *root = str_printf("/proc/%d/root", (int) pid);
        struct statvfs fs;

        /* Its own filter, in which there are no guards. */
        ck_assert_int_eq(fixture_confinement(status), 1);
        ck_assert(!fixture_has_line(pid, "status", "Uid:\t0\t"));
        check_namespaces(pid);
        ck_assert_uint_eq(count_entries(pid, "root"), 0);
        ck_assert_int_eq(statvfs(root, &fs), 0);
        ck_assert_uint_eq(fs.f_flag & ST_RDONLY, ST_RDONLY);
        /* The three, its result, and the two that it was given. */
        ck_assert_uint_eq(count_entries(pid, "fd"), 3 + 1 + 2);
        fixture_check_limit(pid, "Max file size", FILE_BYTES);
        fixture_check_limit(pid, "Max address space", MEMORY_BYTES);
        fixture_check_limit(pid, "Max cpu time", CPU_SECONDS);
        fixture_check_limit(pid, "Max core file size", 0);
}

TEST_ROWS(has_nothing, _SEALED_PROFILE_MAX) {
        Sealed sealed = sealed_new(wait_to_be_seen);
        int seen[2], go[2], status;
        pid_t parent, pid;
        char byte = 0;

        ck_assert_int_eq(pipe2(seen, O_CLOEXEC), 0);
        ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
        sealed.profile = (SealedProfile) _i;
        sealed.userdata = (int[]){ seen[1], go[0] };
        sealed.keep_fds = sealed.userdata;
        sealed.n_keep_fds = 2;
        sealed.max_file_bytes = FILE_BYTES;
        sealed.max_memory_bytes = MEMORY_BYTES;
        sealed.cpu_seconds = CPU_SECONDS;
        parent = fork();
        ck_assert_int_ge(parent, 0);
        if (parent == 0) {
                _cleanup_free_ char *result = NULL;
                size_t size;

                _exit(sealed_run(&sealed, &result, &size, NULL) == 0 ? 0 : 1);
        }
        (void) close(seen[1]);
        ck_assert_int_eq(read(seen[0], &byte, 1), 1);
        pid = find_sealed(parent);
        ck_assert_int_gt(pid, 0);
        check_sealed(pid);
        /* The control: who made it has all of these. */
        ck_assert_int_eq(fixture_confinement("/proc/self/status"), -1);
        ck_assert_uint_gt(count_entries(getpid(), "root"), 0);
        ck_assert_int_eq(write(go[1], &byte, 1), 1);
        ck_assert_int_eq(waitpid(parent, &status, 0), parent);
        ck_assert_int_eq(status, 0);
}

/* The child of a parent that is killed is gone when its output ends. */
TEST(dies_with_its_parent)
{
        Sealed sealed = sealed_new(spin);
        int ends[2];
        char byte;
        pid_t pid;

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        sealed.keep_fds = &ends[1];
        sealed.n_keep_fds = 1;
        pid = fork();
        if (pid == 0) {
                char *result;
                size_t size;

                (void) sealed_run(&sealed, &result, &size, NULL);
                _exit(0);
        }
        (void) close(ends[1]);
        (void) nanosleep(&(struct timespec){ .tv_nsec = 100 * 1000 * 1000 }, NULL);
        (void) kill(pid, SIGKILL);
        (void) waitpid(pid, NULL, 0);
        ck_assert_int_eq(read(ends[0], &byte, 1), 0);
}
