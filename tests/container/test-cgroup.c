/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A job's group: each of its limits stops what it is for, and only because of it: the same goes
 * through where the limit is not. */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/strings.h"
#include "container/cgroup-base.h"
#include "container/cgroup-sweep.h"
#include "container/cgroup.h"
#include "container/device-filter.h"
#include "container/namespace.h"
#include "tests/container/fixture.h"

#define MIB       (UINT64_C(1) << 20)
#define PROCESSES 200
#define FORKS_MAX 400
#define HOG_SIZE  (512 * MIB)

static Cgroup *make_group(const char *name, uint64_t memory_bytes, uint64_t processes) {
        const CgroupLimits limits = { .memory_bytes = memory_bytes, .processes = processes };
        Failure failure = {};
        Cgroup *cgroup;

        ck_assert_msg(cgroup_new(name, &limits, &cgroup, &failure) >= 0, "%s", failure.message);
        return cgroup;
}

static unsigned count_groups(const char *name) {
        CgroupBase base;
        unsigned n = 0;

        cgroup_base_open(&base);
        for (size_t i = 0; i < _HIERARCHY_MAX; i++)
                n += base.folder_fds[i] >= 0 && faccessat(base.folder_fds[i], name, F_OK, 0) == 0;
        cgroup_base_done(&base);
        return n;
}

static int try_open(const char *path) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        return fd < 0 ? -errno : 0;
}

static int open_nodes(void *userdata) {
        Seen *seen = userdata;

        seen->value[0] = try_open("/node");
        seen->value[1] = try_open("/dev/null");
        seen->value[2] = try_open("/dev/ptmx");
        return 0;
}

/* A node that anybody may open by its mode and by its mount's flags. */
static void add_node(Fixture *fixture) {
        int fd;

        ck_assert_int_eq(mknodat(fixture->folder_fd, "node", S_IFCHR | 0666, makedev(10, 237)), 0);
        ck_assert_int_eq(fchmodat(fixture->folder_fd, "node", 0666, 0), 0);
        fd = openat(fixture->folder_fd, "node", O_PATH | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        assert_ok(plan_add_bind(fixture->plan, fd, "/node", OP_IDMAPPED));
        fixture->plan->ops[fixture->plan->n_ops - 1].flags &= ~(unsigned) OP_NODEV;
}

TEST(device_wall_alone)
{
        _cleanup_(cgroup_freep) Cgroup *cgroup = NULL;
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init(&fixture);
        add_node(&fixture);
        fixture_run(&fixture, open_nodes);
        ck_assert_int_eq(fixture.seen->value[0], 0);

        cgroup = make_group("pxed-job-test-wall", 1024 * MIB, 1000);
        fixture.plan->n_wall_fds = cgroup_wall_fds(cgroup, &fixture.plan->wall_fds);
        fixture_run(&fixture, open_nodes);
        ck_assert_int_eq(fixture.seen->value[0], -EPERM);
        ck_assert_int_eq(fixture.seen->value[1], 0);
        ck_assert_int_eq(fixture.seen->value[2], 0);
}

/* What it met is the exit status. */
static int in_group(int group_fd, int (*function)(void)) {
        pid_t pid = fork();
        int status;

        ck_assert_int_ge(pid, 0);
        if (pid == 0)
                _exit(cgroup_write(group_fd, "cgroup.procs", "0") < 0 ? 255 : -function());
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static int open_loop_control(void) {
        return try_open("/dev/loop-control");
}

static int open_zero(void) {
        return try_open("/dev/zero");
}

static int open_terminal(void) {
        return try_open("/dev/ptmx");
}

static int make_null(void) {
        return mknod("/dev/pxed-test-null", S_IFCHR, makedev(1, 3)) < 0 ? -errno : 0;
}

/* Version 2's program, also where version 1 has the devices. */
TEST(device_filter_of_version_2)
{
        const char *name = "pxed-test-filter";
        _cleanup_close_ int group_fd = -EBADF;
        CgroupBase base;
        int folder_fd;

        cgroup_base_open(&base);
        folder_fd = base.folder_fds[HIERARCHY_UNIFIED];
        if (folder_fd < 0)
                test_skip_all("There is no cgroup of version 2 that we may use.");
        (void) unlinkat(folder_fd, name, AT_REMOVEDIR);
        ck_assert_int_eq(mkdirat(folder_fd, name, 0755), 0);
        group_fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(in_group(group_fd, open_loop_control), 0);
        assert_ok(device_filter_attach(group_fd));
        ck_assert_int_eq(in_group(group_fd, open_loop_control), EPERM);
        ck_assert_int_eq(in_group(group_fd, make_null), EPERM);
        ck_assert_int_eq(in_group(group_fd, open_zero), 0);
        ck_assert_int_eq(in_group(group_fd, open_terminal), 0);
        ck_assert_int_eq(unlinkat(folder_fd, name, AT_REMOVEDIR), 0);
        cgroup_base_done(&base);
}

static int fork_bomb(void *userdata) {
        Seen *seen = userdata;

        for (seen->value[0] = 0; seen->value[0] < FORKS_MAX; seen->value[0]++) {
                pid_t pid = fork();

                if (pid == 0)
                        for (;;)
                                (void) pause();
                if (pid < 0) {
                        seen->value[1] = errno;
                        break;
                }
        }
        return 0;
}

TEST(forkbomb)
{
        _cleanup_(cgroup_freep) Cgroup *cgroup = NULL;
        _cleanup_fixture_ Fixture fixture = {};
        CgroupEvents events;

        fixture_init(&fixture);
        assert_ok(plan_set_limit(fixture.plan, RLIMIT_NPROC, 100000));
        fixture_run(&fixture, fork_bomb);
        ck_assert_int_eq(fixture.seen->value[0], FORKS_MAX);

        cgroup = make_group("pxed-job-test-bomb", 1024 * MIB, PROCESSES);
        fixture_run(&fixture, fork_bomb);
        ck_assert_int_lt(fixture.seen->value[0], PROCESSES);
        ck_assert_int_eq(fixture.seen->value[1], EAGAIN);
        cgroup_events(cgroup, &events);
        ck_assert_uint_gt(events.forks_refused, 0);
}

/* Without a cgroup there is still the limit of the user namespace. */
TEST(forkbomb_by_rlimit)
{
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init(&fixture);
        assert_ok(plan_set_limit(fixture.plan, RLIMIT_NPROC, PROCESSES));
        fixture_run(&fixture, fork_bomb);
        ck_assert_int_lt(fixture.seen->value[0], PROCESSES);
        ck_assert_int_eq(fixture.seen->value[1], EAGAIN);
}

static int hog_memory(void *userdata) {
        Seen *seen = userdata;
        pid_t pid = fork();

        if (pid < 0)
                return -errno;
        if (pid == 0) {
                char *memory = mmap(
                                NULL,
                                HOG_SIZE,
                                PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS,
                                -1,
                                0);

                if (memory == MAP_FAILED)
                        _exit(1);
                for (size_t i = 0; i < HOG_SIZE; i += 4096)
                        memory[i] = 1;
                _exit(0);
        }
        return waitpid(pid, &seen->value[0], 0) < 0 ? -errno : 0;
}

TEST(memory_hog)
{
        _cleanup_(cgroup_freep) Cgroup *cgroup = NULL;
        _cleanup_fixture_ Fixture fixture = {};
        CgroupEvents events;

        fixture_init(&fixture);
        fixture_run(&fixture, hog_memory);
        ck_assert_int_eq(fixture.seen->value[0], 0);

        cgroup = make_group("pxed-job-test-hog", 128 * MIB, 1000);
        if (cgroup_backend(cgroup, CGROUP_MEMORY) == CGROUP_V1)
                fixture_run(&fixture, hog_memory);
        else
                (void) container_run(
                                fixture.plan,
                                /* lifeline_fd= */ -EBADF,
                                hog_memory,
                                fixture.seen,
                                &(ContainerExit){},
                                /* reterr= */ NULL);
        cgroup_events(cgroup, &events);
        ck_assert_uint_gt(events.oom_kills, 0);
        ck_assert(WIFSIGNALED(fixture.seen->value[0]) ||
                  cgroup_backend(cgroup, CGROUP_MEMORY) == CGROUP_V2);
        ck_assert_uint_eq(fixture_settle(&fixture), 0);
}

/* A maker that does not live to free its group: one that sleeps in it, and does not say so. */
static pid_t leave_group(const char *name) {
        int ends[2];
        pid_t pid;
        char byte;

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                (void) make_group(name, 1024 * MIB, 100);
                (void) !write(ends[1], "", 1);
                for (;;)
                        (void) pause();
        }
        ck_assert_int_eq(read(ends[0], &byte, 1), 1);
        (void) close(ends[0]);
        (void) close(ends[1]);
        return pid;
}

TEST(sweep_takes_ours_alone)
{
        pid_t ours = leave_group("pxed-job-test-ours-1"), other;
        int status;

        other = leave_group("pxed-job-test-other-1");
        ck_assert_uint_gt(count_groups("pxed-job-test-ours-1"), 0);
        ck_assert_int_gt(cgroup_sweep("pxed-job-test-ours-"), 0);
        ck_assert_int_eq(waitpid(ours, &status, 0), ours);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        ck_assert_uint_eq(count_groups("pxed-job-test-ours-1"), 0);
        ck_assert_int_eq(waitpid(other, &status, WNOHANG), 0);
        ck_assert_uint_gt(count_groups("pxed-job-test-other-1"), 0);

        ck_assert_int_eq(cgroup_sweep("pxed-job-test-ours-"), 0);
        ck_assert_int_gt(cgroup_sweep("pxed-job-test-other-1"), 0);
        ck_assert_int_eq(waitpid(other, &status, 0), other);
}

/* In a view of the machine in which no hierarchy can be found. */
TEST(what_cannot_be_limited_is_refused)
{
        CgroupLimits limits = { .memory_bytes = 1024 * MIB, .processes = 100 };
        _cleanup_(cgroup_freep) Cgroup *cgroup = NULL;
        Failure failure = {};

        ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
        assert_ok(namespace_make_private());
        ck_assert_int_eq(mount("none", "/sys/fs/cgroup", "tmpfs", 0, NULL), 0);
        assert_errno(cgroup_new("pxed-job-test-none", &limits, &cgroup, &failure), -EOPNOTSUPP);
        assert_failure(&failure, "cannot be limited by a cgroup");
        ck_assert_ptr_null(cgroup);
        /* The control: who may do without gets none. */
        limits.optional = true;
        assert_ok(cgroup_new("pxed-job-test-none", &limits, &cgroup, &failure));
        for (CgroupLimit limit = 0; limit < _CGROUP_LIMIT_MAX; limit++)
                ck_assert_int_eq(cgroup_backend(cgroup, limit), CGROUP_NONE);
}

TEST(nothing_is_left_of_a_group)
{
        Cgroup *cgroup = make_group("pxed-job-test-end", 1024 * MIB, 100);

        ck_assert_uint_gt(count_groups("pxed-job-test-end"), 0);
        cgroup_free(cgroup);
        ck_assert_uint_eq(count_groups("pxed-job-test-end"), 0);
}
