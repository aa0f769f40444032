/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The worker's one privilege rests but for the length of a mount call, and is gone once the container
 * has started. */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/capability-sets.h"
#include "container/namespace.h"
#include "container/privilege.h"
#include "container/process.h"
#include "container/sealed.h"
#include "tests/container/fixture.h"

#define SYS_ADMIN CAPABILITY(CAP_SYS_ADMIN)

/* The set "CapEff", "CapPrm" or "CapBnd" of a process. */
static uint64_t capabilities(pid_t pid, const char *set) {
        _cleanup_fclose_ FILE *f = NULL;
        char path[64], line[256];

        (void) snprintf(path, sizeof(path), "/proc/%d/status", (int) pid);
        f = fopen(path, "re");
        ck_assert_ptr_nonnull(f);
        while (fgets(line, sizeof(line), f))
                if (strncmp(line, set, strlen(set)) == 0)
                        return strtoull(line + strlen(set) + 1, NULL, 16);
        ck_abort_msg("%s has no %s", path, set);
        return 0;
}

static int try_mount(void) {
        return mount("none", "/mnt", "tmpfs", 0, NULL) < 0 ? -errno : 0;
}

TEST(rests_but_for_the_mounter)
{
        uint64_t permitted;

        /* A mount namespace of this test's own: the control mounts. */
        ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
        assert_ok(namespace_make_private());
        assert_ok(try_mount());

        permitted = CAPABILITIES_WORKER & capabilities(getpid(), "CapPrm");
        assert_ok(privilege_rest());
        ck_assert_uint_eq(capabilities(getpid(), "CapEff"), permitted & ~SYS_ADMIN);
        ck_assert_uint_eq(capabilities(getpid(), "CapPrm"), permitted);
        ck_assert_uint_eq(capabilities(getpid(), "CapBnd") & ~CAPABILITIES_WORKER, 0);
        assert_errno(try_mount(), -EPERM);
        {
                PRIVILEGED;
                assert_ok(try_mount());
        }
        assert_errno(try_mount(), -EPERM);
}

TEST(is_gone_when_it_was_dropped)
{
        ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
        assert_ok(namespace_make_private());
        assert_ok(privilege_rest());
        assert_ok(privilege_drop());
        PRIVILEGED;
        assert_errno(try_mount(), -EPERM);
        ck_assert_uint_eq(capabilities(getpid(), "CapPrm") & SYS_ADMIN, 0);
        ck_assert_int_eq(privilege_fork(CLONE_NEWPID), -1);
}

static int say_something(void *userdata _unused_, int out_fd) {
        return write(out_fd, "something", 9) == 9 ? 0 : -EIO;
}

/* Sealed readers need no privilege of whom they work for. */
TEST(readers_work_without_it)
{
        _cleanup_free_ char *result = NULL;
        Sealed sealed = SEALED_INIT;
        Failure failure = {};
        size_t size;
        int r;

        assert_ok(privilege_rest());
        sealed.name = "reader of the test";
        sealed.function = say_something;
        sealed.max_output_bytes = 64;
        r = sealed_run(&sealed, &result, &size, &failure);
        ck_assert_msg(r == 0, "%d: %s", r, failure.message);
        ck_assert_str_eq(result, "something");
}

/* Says on a pipe that it runs, and looks at its parents' parents when it is told to. */
typedef struct Meeting {
        int started_fd;
        int go_fd;
} Meeting;

static int meet(void *userdata) {
        const Meeting *meeting = userdata;
        char byte = 0;

        if (write(meeting->started_fd, &byte, 1) != 1 || read(meeting->go_fd, &byte, 1) != 1)
                return -EPIPE;
        return 0;
}

/* In a child: the worker, as liveos/build-job.c runs one. */
_Noreturn static void run_worker(Fixture *fixture, Meeting *meeting) {
        ContainerExit end = {};
        int r = privilege_rest();

        fixture->plan->gives_up = true;
        if (r >= 0)
                r = plan_keep_fd(fixture->plan, meeting->started_fd);
        if (r >= 0)
                r = plan_keep_fd(fixture->plan, meeting->go_fd);
        if (r >= 0)
                r = container_run(fixture->plan, -EBADF, meet, meeting, &end, NULL);
        _exit(r < 0 || end.end != CONTAINER_RETURNED || end.error < 0);
}

TEST(is_given_up_when_the_container_has_started)
{
        _cleanup_fixture_ Fixture fixture = {};
        int started[2], go[2], status;
        Meeting meeting;
        uint64_t permitted;
        char byte;
        pid_t pid;

        fixture_init(&fixture);
        /* Not all of them on every host. */
        permitted = CAPABILITIES_WORKER & capabilities(getpid(), "CapPrm");
        ck_assert_int_eq(pipe2(started, O_CLOEXEC), 0);
        ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
        meeting = (Meeting){ .started_fd = started[1], .go_fd = go[0] };
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                (void) close(go[1]);
                run_worker(&fixture, &meeting);
        }
        (void) close(started[1]);
        ck_assert_int_eq(read(started[0], &byte, 1), 1);
        ck_assert_uint_eq(capabilities(pid, "CapPrm"), permitted & ~SYS_ADMIN);
        ck_assert_uint_eq(capabilities(pid, "CapEff"), permitted & ~SYS_ADMIN);
        ck_assert_int_eq(write(go[1], "", 1), 1);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
        (void) close(started[0]);
        (void) close(go[0]);
        (void) close(go[1]);
}
