/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The caller of a container is killed at points that nobody chose, in setup and at work: whatever it had
 * begun, nothing may be left of it. The time until then is what the test is about, so it sleeps. */

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "container/command.h"
#include "tests/container/fixture.h"

#define KILLS_MAX       40
#define KILL_AFTER_USEC 60000

static void wait_usec(unsigned usec) {
        (void) nanosleep(&(struct timespec){ .tv_nsec = usec * 1000L }, /* rem= */ NULL);
}

/* Works in the overlay with commands, one of which leaves a process, and never ends. */
static int work(void *userdata _unused_) {
        Failure failure = {};
        int r;

        r = fixture_mount_tree(&failure);
        while (r >= 0)
                r = fixture_probe(true, "leave", NULL);
        return r;
}

/* `ends` is the lifeline's pipe; NULL for none. */
static pid_t start_outer(const Fixture *fixture, const int *ends) {
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                ContainerExit ended;

                if (ends)
                        (void) close(ends[1]);

                (void) container_run(
                                fixture->plan,
                                ends ? ends[0] : -EBADF,
                                work,
                                fixture->seen,
                                &ended,
                                /* reterr_failure= */ NULL);
                _exit(0);
        }
        return pid;
}

/* The next container starts with an empty work folder. */
static void renew_work(Fixture *fixture, unsigned i) {
        char name[32];

        (void) close(fixture->work_fd);
        (void) snprintf(name, sizeof(name), "work-%u", i);
        ck_assert_int_eq(mkdirat(fixture->folder_fd, name, 0700), 0);
        fixture->work_fd = openat(fixture->folder_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(fixture->work_fd, 0);
        for (size_t op = 0; op < fixture->plan->n_ops; op++)
                if (strcmp(fixture->plan->ops[op].target, "/work") == 0)
                        fixture->plan->ops[op].source_fd = fixture->work_fd;
}

TEST(nothing_is_left_of_a_killed_caller)
{
        _cleanup_fixture_ Fixture fixture = {};
        unsigned seed = (unsigned) getpid();

        fixture_init(&fixture);
        for (unsigned i = 0; i < KILLS_MAX; i++) {
                pid_t pid;

                renew_work(&fixture, i);
                pid = start_outer(&fixture, /* ends= */ NULL);
                wait_usec((unsigned) rand_r(&seed) % KILL_AFTER_USEC);
                ck_assert_int_eq(kill(pid, SIGKILL), 0);
                ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
                ck_assert_uint_eq(fixture_settle(&fixture), 0);
        }
}

TEST(nothing_is_left_when_the_lifeline_ends)
{
        _cleanup_fixture_ Fixture fixture = {};
        unsigned seed = (unsigned) getpid();

        fixture_init(&fixture);
        for (unsigned i = 0; i < KILLS_MAX / 4; i++) {
                int ends[2], status;
                pid_t pid;

                ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
                renew_work(&fixture, i);
                pid = start_outer(&fixture, ends);
                (void) close(ends[0]);
                wait_usec((unsigned) rand_r(&seed) % KILL_AFTER_USEC);
                (void) close(ends[1]);
                ck_assert_int_eq(waitpid(pid, &status, 0), pid);
                ck_assert_int_eq(status, 0);
                ck_assert_uint_eq(fixture_settle(&fixture), 0);
        }
}
