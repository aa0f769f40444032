/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The filters as they are loaded. `filter_dump_golden` compares each with tests/data/seccomp, one line
 * for each answer, so that no change of a table or of the library goes unread (PXED_RENEW_GOLDEN=1
 * writes the files anew). `seccomp_matrix` asks the kernel: every number that a filter does not
 * allow, and the rows below, of which each is tried without the filter, too.
 */

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/fs.h"
#include "common/strings.h"
#include "container/seccomp.h"
#include "tests/lib/test.h"

#define GOLDEN_MAX 65536u
/* Other machines have other calls. */
#define GOLDEN_MACHINE "x86_64"

#define LEVELS_MAX 24
#define CALLS      512
#define LINES_MAX  2048

/* An answer of call(): the process was killed by the filter. */
#define KILLED 1000

static const char *const filter_names[_SECCOMP_FILTER_MAX] = {
        [SECCOMP_CONDUCTOR] = "conductor", [SECCOMP_IMAGE] = "image",   [SECCOMP_TOOL] = "tool",
        [SECCOMP_READER] = "reader",       [SECCOMP_COPIER] = "copier", [SECCOMP_FUSE] = "fuse",
        [SECCOMP_CONVERTER] = "converter",
};

/* --- the library's form, condensed ------------------------------------------------------------ */

typedef struct Dump {
        char name[64];                  /* of the call whose answers are being read */
        unsigned number;                /* the call's */
        char condition[LEVELS_MAX][96]; /* by depth; "" for none */
        char *lines[LINES_MAX];
        size_t n_lines;
        bool allowed[CALLS]; /* some answer to this number is to allow it */
} Dump;

static void dump_done(Dump *dump) {
        for (size_t i = 0; i < dump->n_lines; i++)
                free(dump->lines[i]);
}
#define _cleanup_dump_ _cleanup_(dump_done)

static void take_action(Dump *dump, size_t depth, const char *action) {
        _cleanup_buffer_ Buffer line = {};

        assert_ok(buffer_printf(&line, "%s", dump->name));
        for (size_t i = 0; i < depth; i++)
                if (*dump->condition[i])
                        assert_ok(buffer_printf(&line, " %s", dump->condition[i]));
        assert_ok(buffer_printf(&line, ": %.*s\n", (int) strcspn(action, ";"), action));
        ck_assert_uint_lt(dump->n_lines, LINES_MAX);
        dump->lines[dump->n_lines++] = buffer_take(&line);
        if (str_equal(action, "ALLOW;") && dump->number < CALLS)
                dump->allowed[dump->number] = true;
}

/* Which call it is says the comment above. */
static void take_condition(Dump *dump, size_t depth, const char *text) {
        char *condition = dump->condition[depth];
        size_t size = sizeof(dump->condition[0]);

        if (strstr(text, "$syscall") || strstr(text, "$arch"))
                *condition = '\0';
        else
                (void) snprintf(condition, size, "[%.*s]", (int) strcspn(text, ")"), text);
}

static void take_line(Dump *dump, const char *line) {
        size_t depth = strspn(line, " ") / 2;
        char *condition = dump->condition[depth];
        const char *p = line + 2 * depth, *rest;
        char negated[sizeof(dump->condition[0])];

        ck_assert_uint_lt(depth, LEVELS_MAX);
        if (sscanf(p, "# filter for syscall \"%63[a-z0-9_]\" (%u)", dump->name, &dump->number) == 2)
                return;
        if (str_equal(p, "# default action") || str_equal(p, "# invalid architecture action")) {
                (void) snprintf(dump->name, sizeof(dump->name), "%s", p);
                dump->number = CALLS;
        } else if ((rest = str_after_prefix(p, "if ("))) {
                take_condition(dump, depth, rest);
        } else if (str_equal(p, "else")) {
                (void) snprintf(negated, sizeof(negated), "not %.80s", condition);
                (void) snprintf(condition, sizeof(dump->condition[0]), "%s", negated);
        } else if ((rest = str_after_prefix(p, "action "))) {
                take_action(dump, depth, rest);
        }
}

static int compare_lines(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static void read_dump(SeccompFilter filter, Dump *dump) {
        _cleanup_close_ int fd = memfd_create("filter", MFD_CLOEXEC);
        _cleanup_fclose_ FILE *f = NULL;
        char line[256];

        assert_ok(seccomp_print(filter, fd));
        (void) lseek(fd, 0, SEEK_SET);
        f = fdopen(TAKE_FD(fd), "r");
        ck_assert_ptr_nonnull(f);
        while (fgets(line, sizeof(line), f)) {
                line[strcspn(line, "\n")] = '\0';
                take_line(dump, line);
        }
        qsort(dump->lines, dump->n_lines, sizeof(dump->lines[0]), compare_lines);
}

static void compare_with_golden(int folder_fd, const char *name, const Buffer *text) {
        _cleanup_free_ char *golden = NULL;
        size_t size, same = 0, line = 1;

        if (getenv("PXED_RENEW_GOLDEN"))
                assert_ok(fs_write_in_root(folder_fd, name, text->data, text->size, 0644));
        assert_ok(fs_read_in_root(folder_fd, name, GOLDEN_MAX, &golden, &size));
        for (; golden[same] && golden[same] == text->data[same]; same++)
                line += golden[same] == '\n';
        ck_assert_msg(str_equal(golden, text->data),
                      "the filter is not tests/data/seccomp/%s any more, from line %zu on, near "
                      "\"%.40s\"; if that is meant, see docs/HACKING.md",
                      name,
                      line,
                      text->data + same);
}

TEST_ROWS(filter_dump_golden, _SECCOMP_FILTER_MAX) {
        const char *data = getenv("PXED_TEST_DATA");
        _cleanup_free_ char *folder = NULL, *name = NULL;
        _cleanup_close_ int folder_fd = -EBADF;
        _cleanup_dump_ Dump dump = {};
        _cleanup_buffer_ Buffer text = {};
        struct utsname machine;

        ck_assert_int_eq(uname(&machine), 0);
        if (!str_equal(machine.machine, GOLDEN_MACHINE))
                return;
        ck_assert_msg(data, "PXED_TEST_DATA must name tests/data");
        folder = str_printf("%s/seccomp", data);
        folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(folder_fd, 0);
        name = strdup(filter_names[_i]);
        read_dump((SeccompFilter) _i, &dump);
        for (size_t i = 0; i < dump.n_lines; i++)
                assert_ok(buffer_append_string(&text, dump.lines[i]));
        compare_with_golden(folder_fd, name, &text);
}

/* --- what the kernel answers -------------------------------------------------------------------- */

typedef struct Row {
        SeccompFilter filter;
        int expected;   /* errno, 0 or KILLED */
        int unfiltered; /* the same without it; -1 where it would do harm */
        long call[7];
} Row;

#define LOW(value) ((long) (value) | 1L << 32)

static const Row rows[] = {
        { SECCOMP_CONVERTER, ENOSYS, 0, { SYS_clone, SIGCHLD, 0, 0, 0, 0 } },
        { SECCOMP_CONVERTER, ENOSYS, EINVAL, { SYS_clone3, 0, 0 } },
        { SECCOMP_CONVERTER, EAFNOSUPPORT, 0, { SYS_socket, AF_UNIX, SOCK_STREAM, 0 } },
        { SECCOMP_CONVERTER, EAFNOSUPPORT, 0, { SYS_socket, AF_INET, SOCK_STREAM, 0 } },
        { SECCOMP_CONVERTER, ENOTTY, EBADF, { SYS_ioctl, -1, 0x40049409 /* FICLONE */ } },
        { SECCOMP_CONVERTER, ENOSYS, EFAULT, { SYS_mkdir, 0 } },
        { SECCOMP_CONVERTER, EPERM, EFAULT, { SYS_mount, 0, 0, 0, 0, 0 } },
        { SECCOMP_CONVERTER, EPERM, ESRCH, { SYS_ptrace, 0x4206 /* SEIZE */, 0, 0, 0 } },
        { SECCOMP_CONVERTER, EBADF, EBADF, { SYS_pwrite64, -1, 0, 0, 0 } },
        { SECCOMP_IMAGE, EPERM, 0, { SYS_unshare, CLONE_NEWUTS } },
        { SECCOMP_IMAGE, EPERM, EBADF, { SYS_setns, -1, 0 } },
        { SECCOMP_IMAGE, EPERM, EFAULT, { SYS_mount, 0, 0, 0, 0, 0 } },
        { SECCOMP_IMAGE, ENOSYS, EINVAL, { SYS_clone3, 0, 0 } },
        { SECCOMP_IMAGE, EAFNOSUPPORT, 0, { SYS_socket, AF_VSOCK, SOCK_STREAM, 0 } },
        { SECCOMP_IMAGE, EAFNOSUPPORT, 0, { SYS_socket, LOW(AF_VSOCK), SOCK_STREAM, 0 } },
        { SECCOMP_IMAGE, EAFNOSUPPORT, 0, { SYS_socket, LOW(AF_UNIX), SOCK_STREAM, 0 } },
        { SECCOMP_IMAGE, 0, 0, { SYS_socket, AF_UNIX, SOCK_STREAM, 0 } },
        { SECCOMP_IMAGE, 0, 0, { SYS_socket, AF_INET, SOCK_STREAM, IPPROTO_TCP } },
        { SECCOMP_IMAGE, 0, 0, { SYS_socket, AF_INET6, SOCK_DGRAM, IPPROTO_UDP } },
        { SECCOMP_IMAGE, 0, 0, { SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE } },
        { SECCOMP_IMAGE, EAFNOSUPPORT, 0, { SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC } },
        { SECCOMP_IMAGE,
          EAFNOSUPPORT,
          0,
          { SYS_socket, AF_NETLINK, SOCK_RAW, LOW(NETLINK_ROUTE) } },
        { SECCOMP_IMAGE, EPROTONOSUPPORT, -1, { SYS_socket, AF_INET, SOCK_STREAM, 132 } },
        { SECCOMP_IMAGE, EPROTONOSUPPORT, -1, { SYS_socket, AF_INET6, SOCK_STREAM, LOW(132) } },
        { SECCOMP_IMAGE, EPROTONOSUPPORT, 0, { SYS_socket, AF_INET, SOCK_STREAM, LOW(0) } },
        { SECCOMP_IMAGE, EAFNOSUPPORT, EFAULT, { SYS_socketpair, AF_INET, SOCK_STREAM, 0, 0 } },
        { SECCOMP_IMAGE, EFAULT, EFAULT, { SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 0 } },
        { SECCOMP_IMAGE, EPERM, EBADF, { SYS_ioctl, -1, TIOCSTI, 0 } },
        { SECCOMP_IMAGE, EPERM, EBADF, { SYS_ioctl, -1, LOW(TIOCSTI), 0 } },
        { SECCOMP_IMAGE, EPERM, EBADF, { SYS_ioctl, -1, TIOCLINUX, 0 } },
        { SECCOMP_IMAGE, EBADF, EBADF, { SYS_ioctl, -1, TIOCGWINSZ, 0 } },
        { SECCOMP_IMAGE, 0, 0, { SYS_personality, 0xffffffff } },
        { SECCOMP_IMAGE, ENOSYS, 0, { SYS_personality, READ_IMPLIES_EXEC } },
        { SECCOMP_IMAGE, EPERM, ESRCH, { SYS_ptrace, 0x4206 /* SEIZE */, 0, 0, 0 } },
        { SECCOMP_TOOL, EAFNOSUPPORT, 0, { SYS_socket, AF_UNIX, SOCK_STREAM, 0 } },
        { SECCOMP_TOOL, EAFNOSUPPORT, 0, { SYS_socket, AF_INET, SOCK_STREAM, 0 } },
        { SECCOMP_TOOL, EFAULT, EFAULT, { SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 0 } },
        { SECCOMP_TOOL, ENOSYS, EBADF, { SYS_connect, -1, 0, 0 } },
        { SECCOMP_FUSE, EAFNOSUPPORT, 0, { SYS_socket, AF_UNIX, SOCK_STREAM, 0 } },
        { SECCOMP_FUSE, EFAULT, EFAULT, { SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 0 } },
        { SECCOMP_FUSE, EPERM, EFAULT, { SYS_mount, 0, 0, 0, 0, 0 } },
        { SECCOMP_FUSE, ENOSYS, EBADF, { SYS_ioctl, -1, TIOCGWINSZ, 0 } },
        { SECCOMP_FUSE, ENOSYS, EFAULT, { SYS_unlink, 0 } },
        { SECCOMP_FUSE, ENOSYS, 0, { SYS_kill, 0, 0 } },
        { SECCOMP_CONDUCTOR, EFAULT, EFAULT, { SYS_mount, 0, 0, 0, 0, 0 } },
        { SECCOMP_CONDUCTOR, 0, 0, { SYS_unshare, CLONE_NEWUTS } },
        { SECCOMP_CONDUCTOR, EPERM, 0, { SYS_unshare, CLONE_NEWUSER } },
        { SECCOMP_CONDUCTOR, EPERM, EBADF, { SYS_setns, -1, 0 } },
        { SECCOMP_CONDUCTOR, EPERM, -1, { SYS_open_by_handle_at, -1, 0, 0 } },
        { SECCOMP_READER, ENOENT, EFAULT, { SYS_openat, AT_FDCWD, 0, 0 } },
        { SECCOMP_READER, ENOTTY, EBADF, { SYS_ioctl, -1, TIOCGWINSZ, 0 } },
        { SECCOMP_READER, KILLED, 0, { SYS_socket, AF_UNIX, SOCK_STREAM, 0 } },
        { SECCOMP_READER, KILLED, EFAULT, { SYS_execve, 0, 0, 0 } },
        { SECCOMP_READER, KILLED, EBADF, { SYS_fsync, -1 } },
        { SECCOMP_READER, KILLED, 0, { SYS_kill, 0, 0 } },
        { SECCOMP_READER, 0, 0, { SYS_prlimit64, 0, 0, 0, 0 } },
        { SECCOMP_READER, KILLED, 0, { SYS_prlimit64, 1, 0, 0, 0 } },
        { SECCOMP_COPIER, EBADF, EBADF, { SYS_fsync, -1 } },
        { SECCOMP_COPIER, EBADF, EBADF, { SYS_ioctl, -1, 0x40049409 /* FICLONE */, -1 } },
        { SECCOMP_COPIER, ENOTTY, EBADF, { SYS_ioctl, -1, 0x80081272 /* BLKGETSIZE64 */, 0 } },
        { SECCOMP_COPIER, KILLED, EFAULT, { SYS_execve, 0, 0, 0 } },
};

/* Makes the call in a child; `filter` is _SECCOMP_FILTER_MAX for none. */
static int call(SeccompFilter filter, const long *n) {
        int status, error;
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                if (filter != _SECCOMP_FILTER_MAX && seccomp_apply(filter) < 0)
                        _exit(EBADE);
                error = syscall(n[0], n[1], n[2], n[3], n[4], n[5], n[6]) < 0 ? errno : 0;
                _exit(error);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        if (WIFSIGNALED(status))
                return WTERMSIG(status) == SIGSYS ? KILLED : -WTERMSIG(status);
        return WEXITSTATUS(status);
}

/* The kernel serves this pair of calls whatever filters say, as it puts them into programs itself; from
 * anywhere else they are the end of the process. */
static bool is_exempt(long number) {
        return number == 335 || number == 336;
}

/* The answers to all numbers that the filter does not allow; one process can ask for all of them, unless
 * the answer is its end. */
static void ask_for_all(SeccompFilter filter, const bool *allowed, int *ret_answers) {
        int status;
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                if (seccomp_apply(filter) < 0)
                        _exit(EXIT_FAILURE);
                for (long number = 0; number < CALLS; number++)
                        if (!allowed[number] && !is_exempt(number))
                                ret_answers[number] = syscall(number, -1, -1, -1, -1, -1, -1) < 0
                                                                      ? errno
                                                                      : 0;
                _exit(EXIT_SUCCESS);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
                      "%s: status %x",
                      filter_names[filter],
                      (unsigned) status);
}

TEST_ROWS(seccomp_matrix_of_errors, SECCOMP_CONVERTER + 1) {
        const char *name = filter_names[_i];
        _cleanup_dump_ Dump dump = {};
        int *answers = mmap(
                        NULL,
                        CALLS * sizeof(int),
                        PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS,
                        -1,
                        0);

        ck_assert_ptr_ne(answers, MAP_FAILED);
        read_dump((SeccompFilter) _i, &dump);
        ask_for_all((SeccompFilter) _i, dump.allowed, answers);
        for (long number = 0; number < CALLS; number++) {
                int answer = answers[number];

                if (dump.allowed[number] || is_exempt(number))
                        continue;
                ck_assert_msg(answer == EPERM || answer == ENOSYS || answer == EAFNOSUPPORT ||
                                              answer == ENOTTY,
                              "%s: call %ld got %d",
                              name,
                              number,
                              answer);
        }
        (void) munmap(answers, CALLS * sizeof(int));
}

/* Every eleventh, as each costs a process. */
TEST_ROWS(seccomp_matrix_of_ends, 2) {
        SeccompFilter filter = _i == 0 ? SECCOMP_READER : SECCOMP_COPIER;
        _cleanup_dump_ Dump dump = {};

        read_dump(filter, &dump);
        for (long number = 0; number < CALLS; number += 11) {
                const long n[7] = { number, -1, -1, -1, -1, -1, -1 };
                int answer;

                if (dump.allowed[number] || is_exempt(number))
                        continue;
                answer = call(filter, n);
                ck_assert_msg(answer == KILLED || answer == ENOENT || answer == ENOTTY,
                              "%s: call %ld got %d",
                              filter_names[filter],
                              number,
                              answer);
        }
}

TEST(seccomp_matrix)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const Row *row = &rows[i];
                int answer = call(row->filter, row->call);

                ck_assert_msg(answer == row->expected,
                              "row %zu: %s: call %ld got %d instead of %d",
                              i,
                              filter_names[row->filter],
                              row->call[0],
                              answer,
                              row->expected);
                if (row->unfiltered < 0)
                        continue;
                answer = call(_SECCOMP_FILTER_MAX, row->call);
                ck_assert_msg(answer == row->unfiltered,
                              "row %zu: call %ld got %d instead of %d without a filter",
                              i,
                              row->call[0],
                              answer,
                              row->unfiltered);
        }
}
