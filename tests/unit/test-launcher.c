/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/launcher.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "common/strings.h"
#include "service/spawn.h"
#include "tests/lib/launcher.h"
#include "tests/lib/test.h"

static Launcher *start(const char *program) {
        Launcher *launcher;

        assert_ok(launcher_start(&launcher, program, /* reterr= */ NULL));
        return launcher;
}

/* Runs a shell script with its output in a pipe. */
static void say(Launcher *launcher, const char *script, char *output, size_t size) {
        char *const argv[] = { (char *) "sh", (char *) "-c", (char *) script, NULL };
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        size_t n = 0;
        ssize_t k;
        pid_t pid;
        int status;

        assert_ok(spawn_pipe(&read_fd, &write_fd));
        const int fds[] = { -EBADF, write_fd, -EBADF, -EBADF, write_fd };
        assert_ok(launcher_spawn(launcher, argv, fds, ELEMENTSOF(fds), &pid));
        (void) close(TAKE_FD(write_fd));
        while ((k = read(read_fd, output + n, size - 1 - n)) > 0)
                n += (size_t) k;
        output[n] = '\0';
        /* A child of this process, not of the launcher. */
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(program_is_a_child_with_its_descriptors)
{
        _cleanup_(launcher_freep) Launcher *launcher = start("/bin/sh");
        char output[256], expected[256];

        (void) snprintf(expected, sizeof(expected), "%d 0 1 2 4 /dev/null\n", getpid());
        for (unsigned i = 0; i < 3; i++) {
                say(launcher,
                    "list=; for fd in $(seq 0 99); do [ ! -e /proc/$$/fd/$fd ] || list=\"$list $fd\"; done; "
                    "echo \"$PPID$list $(readlink /proc/$$/fd/0)\" >&4",
                    output,
                    sizeof(output));
                ck_assert_str_eq(output, expected);
        }
}

TEST(signals_are_as_at_the_start)
{
        _cleanup_(launcher_freep) Launcher *launcher = NULL;
        char output[256];
        sigset_t signals;

        (void) sigfillset(&signals);
        (void) sigprocmask(SIG_BLOCK, &signals, /* oldset= */ NULL);
        (void) signal(SIGPIPE, SIG_IGN);
        (void) signal(SIGUSR1, SIG_IGN);
        launcher = start("/bin/sh");
        /* Beyond them are the C library's own. */
        say(launcher,
            "while read -r name value; do case $name in SigBlk:|SigIgn:) echo $((0x$value & 0x7fffffff));; "
            "esac; done </proc/$$/status",
            output,
            sizeof(output));
        ck_assert_str_eq(output, "0\n0\n");
}

TEST(a_missing_program_leaves_no_child)
{
        _cleanup_(launcher_freep) Launcher *launcher = start("/no/program");
        char *const argv[] = { (char *) "x", NULL };
        const int fds[] = { -EBADF, -EBADF, -EBADF };
        pid_t pid = 0;

        assert_errno(launcher_spawn(launcher, argv, fds, ELEMENTSOF(fds), &pid), -ENOENT);
        ck_assert_int_eq(
                        waitpid(-1, /* wstatus= */ NULL, WNOHANG),
                        0); /* there is one, which lives */
}

static void fill(char *s, size_t size) {
        memset(s, 'x', size - 1);
        s[size - 1] = '\0';
}

TEST(words_have_a_limit)
{
        static char fits[LAUNCHER_WORDS_MAX - 64], too_long[LAUNCHER_WORDS_MAX];
        _cleanup_(launcher_freep) Launcher *launcher = start("/bin/true");
        const int fds[] = { -EBADF, -EBADF, -EBADF };
        char *const good[] = { (char *) "true", fits, NULL }, *const bad[] = { (char *) "true",
                                                                               too_long,
                                                                               NULL };
        char *many[300] = {};
        pid_t pid;

        fill(fits, sizeof(fits));
        fill(too_long, sizeof(too_long));
        for (size_t i = 0; i + 1 < ELEMENTSOF(many); i++)
                many[i] = fits + sizeof(fits) - 2;
        assert_ok(launcher_spawn(launcher, good, fds, ELEMENTSOF(fds), &pid));
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        assert_errno(launcher_spawn(launcher, bad, fds, ELEMENTSOF(fds), &pid), -E2BIG);
        assert_errno(launcher_spawn(launcher, many, fds, ELEMENTSOF(fds), &pid), -E2BIG);
}

/* What a service that strangers have taken over may send: how many descriptors the table has, which come
 * along, how many do, the words. */
static const struct {
        uint32_t n_fds;
        uint32_t present;
        size_t n_sent;
        const char *words;
        size_t words_size;
} hostile_rows[] = {
        { 3, 0, 0, "true", 4 },          /* no NUL */
        { 3, 0, 0, "", 0 },              /* no word */
        { 0, 0, 0, "true", 5 },          /* no table */
        { 2, 0, 0, "true", 5 },          /* too small a one */
        { 33, 0, 0, "true", 5 },         /* too large a one */
        { UINT32_MAX, 0, 0, "true", 5 }, /* a far too large one */
        { 3, 1, 0, "true", 5 },          /* promises a descriptor */
        { 3, 7, 2, "true", 5 },          /* promises one more */
        { 3, 1, 2, "true", 5 },          /* has one more */
        { 3, 8, 1, "true", 5 },          /* beyond the table */
        { 3, 0, 40, "true", 5 },         /* more than a table can have */
};

static void send_raw(int fd, size_t row) {
        uint32_t head[2] = { hostile_rows[row].n_fds, hostile_rows[row].present };
        struct iovec parts[] = {
                { .iov_base = head, .iov_len = sizeof(head) },
                { .iov_base = (char *) hostile_rows[row].words,
                  .iov_len = hostile_rows[row].words_size },
        };
        union {
                struct cmsghdr align;
                char bytes[CMSG_SPACE(64 * sizeof(int))];
        } control = {};
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = ELEMENTSOF(parts) };
        size_t n = hostile_rows[row].n_sent;

        if (n > 0) {
                struct cmsghdr *c;

                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(n * sizeof(int));
                c = CMSG_FIRSTHDR(&message);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(n * sizeof(int));
                for (size_t i = 0; i < n; i++)
                        memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(fd));
        }
        ck_assert_int_ge(sendmsg(fd, &message, 0), 0);
}

TEST_ROWS(hostile, ELEMENTSOF(hostile_rows)) {
        _cleanup_(launcher_freep) Launcher *launcher = start("/bin/sh");
        char output[64];
        int fd = launcher_get_fd(launcher), answer[2];

        send_raw(fd, (size_t) _i);
        ck_assert_int_eq(recv(fd, answer, sizeof(answer), 0), sizeof(answer));
        ck_assert_int_lt(answer[0], 0);
        ck_assert_int_eq(answer[1], 0);
        say(launcher, "echo still here", output, sizeof(output));
        ck_assert_str_eq(output, "still here\n");
}

TEST(a_dead_launcher_is_told)
{
        _cleanup_(launcher_freep) Launcher *launcher = start("/bin/true");
        char *const argv[] = { (char *) "true", NULL };
        const int fds[] = { -EBADF, -EBADF, -EBADF };
        siginfo_t info;
        pid_t pid;

        ck_assert_int_eq(shutdown(launcher_get_fd(launcher), SHUT_WR), 0);
        ck_assert_int_eq(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
        ck_assert_int_eq(info.si_status, 0);
        assert_errno(launcher_spawn(launcher, argv, fds, ELEMENTSOF(fds), &pid), -EPIPE);
}
