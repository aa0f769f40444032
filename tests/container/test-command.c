/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands in their cage: a row for each thing that code of the image, or a tool, tries, with the answer
 * that it must get; and how commands end. */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/capability.h"
#include "container/command.h"
#include "tests/container/fixture.h"

typedef struct Row {
        bool image;
        const char *name;
        const char *argument;
        int expected;
} Row;

static const Row rows[] = {
        { true, "mount", NULL, EPERM },
        { true, "signals", NULL, 0 },
        { true, "umount", "/proc/keys", EPERM },
        { true, "fsopen", NULL, EPERM },
        { true, "unshare", NULL, EPERM },
        { true, "clone", NULL, EPERM },
        { true, "clone3", NULL, ENOSYS },
        { true, "socket", "1", 0 },
        { true, "socket", "2", 0 },
        { true, "socket", "40", EAFNOSUPPORT },
        { true, "socket", "38", EAFNOSUPPORT },
        { true, "audit", NULL, EAFNOSUPPORT },
        { true, "keyctl", NULL, EPERM },
        { true, "ptrace", NULL, EPERM },
        { true, "tiocsti", NULL, EPERM },
        { true, "read", "/node", EACCES },
        { true, "read", "/dev/zero", 0 },
        { true, "read", "/etc/secret", 0 },
        { true, "read", "/image/disk", ENOENT },
        { true, "read", "/proc/1/environ", EACCES },
        { true, "write", "/etc/hello", 0 },
        { true, "write", "/usr/new", EROFS },
        { true, "write", "/proc/sys/kernel/hostname", EACCES },
        { true, "write", "/tmp/new", 0 },
        { true, "mknod", "/etc/node", EPERM },
        { true, "mkfifo", "/etc/fifo", 0 },
        { true, "chown", "/etc/hello", 0 },
        { true, "capability", "0" /* CAP_CHOWN */, 0 },
        { true, "capability", "21" /* CAP_SYS_ADMIN */, EPERM },
        { true, "capability", "12" /* CAP_NET_ADMIN */, EPERM },
        { true, "privileges", NULL, 0 },
        { true, "capabilities", "1" /* of the supervisor */, 0 },
        /* The conductor's two programs and two of its own, one of which alone refuses this. */
        { true, "filters", NULL, 4 },
        { true, "unshare-files", NULL, EPERM },
        { true, "descriptors", NULL, 3 },
        { true, "pid", NULL, 2 },
        { false, "mount", NULL, EPERM },
        { false, "socket", "1", EAFNOSUPPORT },
        { false, "socket", "2", EAFNOSUPPORT },
        { false, "read", "/image/disk", 0 },
        { false, "read", "/work/tree/etc/secret", 0 },
        { false, "read", "/.inner/proc/uptime", ENOENT },
        { false, "write", "/out/new", 0 },
        { false, "write", "/etc/new", EROFS },
        { false, "capability", "1" /* CAP_DAC_OVERRIDE */, 0 },
        { false, "capability", "0" /* CAP_CHOWN */, EPERM },
        { false, "capability", "8" /* CAP_SETPCAP */, EPERM },
        { false, "capability", "31" /* CAP_SETFCAP */, EPERM },
        { false, "capabilities", "1", 0 },
        { false, "filters", NULL, 4 },
        { false, "unshare-files", NULL, EPERM },
        { false, "descriptors", NULL, 3 },
        { false, "pid", NULL, 2 },
};

static int run_rows(void *userdata) {
        Seen *seen = userdata;
        Failure failure = {};
        int r;

        (void) signal(SIGPIPE, SIG_IGN); /* as the worker does */
        r = fixture_mount_tree(&failure);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                r = fixture_probe(rows[i].image, rows[i].name, rows[i].argument);
                if (r == rows[i].expected)
                        continue;
                (void) snprintf(seen->text[15],
                                sizeof(seen->text[15]),
                                "%s %s %s: %d instead of %d",
                                rows[i].image ? "image" : "tool",
                                rows[i].name,
                                rows[i].argument ? rows[i].argument : "",
                                r,
                                rows[i].expected);
                return -EBADE;
        }
        /* The places of the binds are gone again. */
        return access("/work/tree/usr", F_OK) < 0 ? 0 : -EEXIST;
}

TEST(every_try_gets_its_answer)
{
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init(&fixture);
        fixture_run(&fixture, run_rows);
}

static void note_line(void *userdata, const char *line) {
        Seen *seen = userdata;

        if (seen->value[0] < 8)
                (void) snprintf(seen->text[seen->value[0]], sizeof(seen->text[0]), "%s", line);
        seen->value[0]++;
}

static int shell(Seen *seen, const char *script, uint64_t timeout_usec, Failure *reterr) {
        const char *const argv[] = { "sh", "-c", script, NULL };
        const char *const environment[] = { "COLOUR=blue", NULL };
        Command command = COMMAND_INIT;

        command.argv = argv;
        command.environment = environment;
        command.profile = COMMAND_TOOL;
        command.cwd = "/work";
        command.on_line = note_line;
        command.userdata = seen;
        command.timeout_usec = timeout_usec;
        return command_run(&command, reterr);
}

static int run_shells(void *userdata) {
        const char *const nothing[] = { "/nothing", NULL };
        Seen *seen = userdata;
        Failure failure = {};
        Command command = COMMAND_INIT;

        seen->value[1] = shell(
                        seen,
                        "echo one; echo two >&2; pwd; echo $COLOUR $HOME; exit 3",
                        0,
                        &failure);
        seen->value[2] = shell(seen, "printf '\\033[1mbold\\377\\n'; kill -9 $$", 0, &failure);
        seen->value[3] = shell(seen, "sleep 100", 200000, &failure);
        (void) snprintf(seen->text[14], sizeof(seen->text[14]), "%.200s", failure.message);
        seen->value[4] = shell(seen, "sleep 1000 & sleep 1000 & exit 0", 0, &failure);
        command.argv = nothing;
        seen->value[5] = command_run(&command, &failure);
        return 0;
}

TEST(lines_status_and_timeout)
{
        _cleanup_fixture_ Fixture fixture = {};
        Seen *seen;

        fixture_init(&fixture);
        seen = fixture.seen;
        fixture_run(&fixture, run_shells);
        ck_assert_int_eq(seen->value[1], 3);
        ck_assert_str_eq(seen->text[0], "one");
        ck_assert_str_eq(seen->text[1], "two");
        ck_assert_str_eq(seen->text[2], "/work");
        ck_assert_str_eq(seen->text[3], "blue /root");
        ck_assert_int_eq(seen->value[2], 137);
        ck_assert_str_eq(seen->text[4], " [1mbold?");
        ck_assert_int_eq(seen->value[3], -ETIMEDOUT);
        ck_assert_msg(strstr(seen->text[14], "\"sh\""), "%s", seen->text[14]);
        ck_assert_int_eq(seen->value[4], 0);
        ck_assert_int_eq(seen->value[5], -ENOENT);
}

static void count_bytes(void *userdata, const char *line) {
        Seen *seen = userdata;

        seen->value[0]++;
        seen->value[1] += (int) strlen(line) + 1;
        if (strlen(line) > (size_t) seen->value[2])
                seen->value[2] = (int) strlen(line);
        (void) snprintf(seen->text[0], sizeof(seen->text[0]), "%.200s", line);
}

/* 4000 bytes in lines, and half a million in one. */
static int say_much(void *userdata) {
        const char *const argv[] = {
                "sh",
                "-c",
                "i=0; while [ $i -lt 1000 ]; do echo aaa; i=$((i + 1)); done;"
                "head -c 500000 /dev/zero | tr '\\0' b; exit 5",
                NULL,
        };
        Command command = COMMAND_INIT;
        Failure failure = {};
        Seen *seen = userdata;

        command.argv = argv;
        command.profile = COMMAND_TOOL;
        command.on_line = count_bytes;
        command.userdata = seen;
        command.output_max_bytes = 400;
        seen->value[8] = command_run(&command, &failure);
        (void) memcpy(seen->value + 4, seen->value, 2 * sizeof(seen->value[0]));
        (void) snprintf(seen->text[1], sizeof(seen->text[1]), "%s", seen->text[0]);
        seen->value[0] = seen->value[1] = 0;
        command.output_max_bytes = 0;
        seen->value[9] = command_run(&command, &failure);
        return 0;
}

/* The control is the same with the usual bound, which is far away. The status is told all the same. */
TEST(output_is_bounded)
{
        _cleanup_fixture_ Fixture fixture = {};
        Seen *seen;

        fixture_init(&fixture);
        seen = fixture.seen;
        fixture_run(&fixture, say_much);
        ck_assert_int_eq(seen->value[8], 5);
        ck_assert_int_eq(seen->value[4], 100 + 1);
        ck_assert_msg(strstr(seen->text[1], "is left out"), "%s", seen->text[1]);
        ck_assert_int_eq(seen->value[9], 5);
        ck_assert_int_eq(seen->value[0], 1000 + 1);
        ck_assert_int_eq(seen->value[2], COMMAND_LINE_MAX);
}

static int leave_behind(void *userdata) {
        Seen *seen = userdata;
        Failure failure = {};
        int r;

        r = fixture_mount_tree(&failure);
        if (r < 0)
                return r;
        seen->value[0] = fixture_probe(true, "leave", NULL);
        /* Only init, this process and nobody else. */
        seen->value[1] = kill(-1, 0) < 0 ? -errno : 0;
        return 0;
}

TEST(leftovers_die_with_their_command)
{
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init(&fixture);
        fixture_run(&fixture, leave_behind);
        ck_assert_int_eq(fixture.seen->value[0], 0);
        ck_assert_int_eq(fixture.seen->value[1], -ESRCH);
}

static int fork_much(void *userdata) {
        const char *script = "for i in 0 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do "
                             "sleep 1000 & done; done; exit 0";
        Seen *seen = userdata;
        Failure failure = {};

        seen->value[1] = shell(seen, script, /* timeout_usec= */ 0, &failure);
        seen->value[2] = shell(seen, "exit 0", /* timeout_usec= */ 0, &failure);
        if (fixture_mount_tree(&failure) < 0)
                return failure.error;
        seen->value[3] = fixture_probe(true, "fork-as-others", "20");
        seen->value[4] = fixture_probe(true, "fork-as-others", "100");
        return 0;
}

TEST(processes_are_bounded)
{
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init(&fixture);
        assert_ok(plan_set_limit(fixture.plan, RLIMIT_NPROC, 50));
        fixture_run(&fixture, fork_much);
        ck_assert_int_eq(fixture.seen->value[1], 2);
        ck_assert_msg(strstr(fixture.seen->text[0], "fork"), "%s", fixture.seen->text[0]);
        ck_assert_int_eq(fixture.seen->value[2], 0);
        /* The limit is one for all users of the container together. */
        ck_assert_int_eq(fixture.seen->value[3], 0);
        ck_assert_int_eq(fixture.seen->value[4], EAGAIN);
}
