/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Why a device node of an image leads to no device, and why mounts are attached before anybody is given
 * a user namespace: each wall is shown to hold alone, without the others, and that the attack works
 * where it is missing.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "container/namespace.h"
#include "container/plan.h"
#include "container/userns.h"
#include "tests/container/fixture.h"

#define ANSWER(expression) ((expression) < 0 ? -errno : 0)

/* A step of an attack; it works on folders of the fixture, in the current one. */
typedef void (*Step)(Seen *seen);

/* Real root in a mount namespace of its own, in which it is the owner of every mount. */
static void as_root(const Fixture *fixture, Step step) {
        pid_t pid = namespace_fork(CLONE_NEWNS);
        int status;

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                if (namespace_make_private() < 0 || chdir(fixture->folder) < 0)
                        _exit(EXIT_FAILURE);
                step(fixture->seen);
                _exit(EXIT_SUCCESS);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
        ck_assert_uint_eq(fixture_settle(fixture), 0);
}

/* Root of a user namespace, with all its capabilities and no filter, in a copy of the mounts. */
static void as_inner_root(Seen *seen, Step step) {
        int status, userns_fd = userns_new(UID_BASE, UID_BASE, PLAN_IDS, NULL, 0);
        pid_t pid = fork();

        if (userns_fd < 0 || pid < 0)
                _exit(EXIT_FAILURE);
        if (pid == 0) {
                if (userns_enter(userns_fd) < 0 || unshare(CLONE_NEWNS) < 0)
                        _exit(EXIT_FAILURE);
                step(seen);
                _exit(EXIT_SUCCESS);
        }
        if (waitpid(pid, &status, 0) != pid || status != 0)
                _exit(EXIT_FAILURE);
}

static void mount_part(const char *flags) {
        _cleanup_free_ char *command = str_printf(
                        "mount -t ext4 -o ro,noload,loop,offset=%u,%s disk part",
                        PARTITION_OFFSET,
                        flags);

        if (system(command) != 0)
                _exit(EXIT_FAILURE);
}

static int try_open(const char *path) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

        return fd < 0 ? -errno : 0;
}

static int clear_flags(int fd, const char *path) {
        struct mount_attr attr = { .attr_clr = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID };

        return ANSWER(mount_setattr(fd, path, AT_EMPTY_PATH, &attr, sizeof(attr)));
}

static void fixture_init_for_others(Fixture *fixture) {
        fixture_init(fixture);
        ck_assert_int_eq(fchmod(fixture->folder_fd, 0711), 0);
        ck_assert_int_eq(mkdirat(fixture->folder_fd, "part", 0755), 0);
        ck_assert_int_eq(mkdirat(fixture->folder_fd, "memory", 0755), 0);
        ck_assert_int_eq(mkdirat(fixture->folder_fd, "view", 0755), 0);
}

/* --- the first wall: flags that who did not set them cannot clear ---------------------------------- */

static void unlock(Seen *seen) {
        _cleanup_close_ int clone_fd = -EBADF;

        seen->value[0] = try_open("part/node");
        seen->value[1] = ANSWER(mount(NULL, "part", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
        seen->value[2] = clear_flags(AT_FDCWD, "part");
        seen->value[3] = ANSWER(mount("part", "memory", NULL, MS_BIND, NULL));
        seen->value[4] = clear_flags(AT_FDCWD, "memory");
        clone_fd = open_tree(AT_FDCWD, "part", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
        seen->value[5] = clear_flags(clone_fd, "");
        seen->value[6] = try_open("part/node");
        seen->value[7] = try_open("memory/node");
}

static void lock_flags(Seen *seen) {
        mount_part("nodev,nosuid");
        as_inner_root(seen, unlock);
        seen->value[8] = clear_flags(AT_FDCWD, "part");
        seen->value[9] = try_open("part/node");
}

TEST(nodev_by_locked_flags_alone)
{
        static const int expected[] = { -EACCES, -EPERM,  -EPERM,  0, -EPERM,
                                        -EPERM,  -EACCES, -EACCES, 0, 0 };
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init_for_others(&fixture);
        as_root(&fixture, lock_flags);
        for (size_t i = 0; i < ELEMENTSOF(expected); i++)
                ck_assert_msg(fixture.seen->value[i] == expected[i],
                              "row %zu: %d",
                              i,
                              fixture.seen->value[i]);
}

/* --- the second wall: a file system that a user namespace has mounted knows no devices --------------- */

static int mount_view(void) {
        const char *options = "lowerdir=part,upperdir=memory/upper,workdir=memory/work,userxattr";

        if (mount("memory", "memory", "tmpfs", 0, NULL) < 0 || mkdir("memory/upper", 0755) < 0 ||
            mkdir("memory/work", 0755) < 0)
                return -errno;
        return ANSWER(mount("view", "view", "overlay", 0, options));
}

static void look_through_view(Seen *seen) {
        struct statvfs view;

        seen->value[0] = mount_view();
        seen->value[1] = statvfs("view", &view) < 0 ? -errno : (int) (view.f_flag & ST_NODEV);
        seen->value[2] = try_open("view/node");
        seen->value[3] = try_open("view/etc/hello");
        /* The lower mount itself has no wall here. */
        seen->value[4] = try_open("part/node");
}

static void use_view(Seen *seen) {
        mount_part("dev,suid");
        as_inner_root(seen, look_through_view);
        seen->value[5] = mount_view();
        seen->value[6] = try_open("view/node");
}

TEST(nodev_by_overlay_alone)
{
        static const int expected[] = { 0, 0, -EACCES, 0, 0, 0, 0 };
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init_for_others(&fixture);
        as_root(&fixture, use_view);
        for (size_t i = 0; i < ELEMENTSOF(expected); i++)
                ck_assert_msg(fixture.seen->value[i] == expected[i],
                              "row %zu: %d",
                              i,
                              fixture.seen->value[i]);
}

/* --- all of them, in a container ------------------------------------------------------------------- */

static int attack_part(void *userdata) {
        static const char *const files[] = { "/image/part/1/node", "/work/tree/node" };
        Seen *seen = userdata;
        Failure failure = {};
        int r = fixture_mount_tree(&failure);

        if (r < 0)
                return r;
        seen->value[0] = clear_flags(AT_FDCWD, "/image/part/1");
        seen->value[1] = ANSWER(
                        mount(NULL, "/image/part/1", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                seen->value[2 + i] = try_open(files[i]);
        /* The view is the conductor's own mount, so that its flags can go: the second wall remains. */
        seen->value[4] = clear_flags(AT_FDCWD, "/work/tree");
        seen->value[5] = try_open("/work/tree/node");
        seen->value[6] = fixture_probe(/* image= */ true, "read", "/node");
        seen->value[7] = fixture_probe(/* image= */ true, "mknod", "/etc/node");
        return 0;
}

TEST(dev_node_in_image)
{
        static const int expected[] = {
                -EPERM, -EPERM, -EACCES, -EACCES, 0, -EACCES, EACCES, EPERM
        };
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init(&fixture);
        fixture_run(&fixture, attack_part);
        for (size_t i = 0; i < ELEMENTSOF(expected); i++)
                ck_assert_msg(fixture.seen->value[i] == expected[i],
                              "row %zu: %d",
                              i,
                              fixture.seen->value[i]);
}

/* --- detached mounts ------------------------------------------------------------------------------- */

static int handed_on_fd = -EBADF;

static void use_detached(Seen *seen) {
        _cleanup_close_ int node_fd = -EBADF;

        seen->value[0] = clear_flags(handed_on_fd, "");
        node_fd = openat(handed_on_fd, "node", O_RDONLY | O_CLOEXEC);
        seen->value[1] = node_fd < 0 ? -errno : 0;
}

static void hand_on_detached(Seen *seen) {
        mount_part("nodev,nosuid");
        handed_on_fd = open_tree(AT_FDCWD, "part", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
        if (handed_on_fd < 0)
                _exit(EXIT_FAILURE);
        as_inner_root(seen, use_detached);
}

/* What this shows is the hole: flags of a mount that hangs nowhere yet are locked for nobody. When a
 * kernel closes it, this test says so. The wall for what hangs is nodev_by_locked_flags_alone. */
TEST(detached_mount_escapes_when_handed_on)
{
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init_for_others(&fixture);
        as_root(&fixture, hand_on_detached);
        ck_assert_int_eq(fixture.seen->value[0], 0);
        ck_assert_int_eq(fixture.seen->value[1], 0);
}

/* The number of the mount that a descriptor leads to; -1 when it cannot be told. */
static int mount_of(const char *fd_name) {
        _cleanup_free_ char *path = str_printf("/proc/self/fdinfo/%s", fd_name);
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        char line[128];
        int number = -1;

        while (f && fgets(line, sizeof(line), f))
                (void) sscanf(line, "mnt_id: %d", &number);
        return number;
}

static bool is_attached(int number) {
        _cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
        char line[PATH_MAX];

        while (f && fgets(line, sizeof(line), f))
                if (atoi(line) == number)
                        return true;
        return false;
}

/* Folders are what a detached mount shows itself as; pipes and sockets hang nowhere, too. */
static int find_detached(void *userdata) {
        _cleanup_closedir_ DIR *d = opendir("/proc/self/fd");
        Seen *seen = userdata;
        struct dirent *entry;
        struct stat st;

        while (d && (entry = fs_readdir(d))) {
                if (fstat(atoi(entry->d_name), &st) < 0)
                        return -errno;
                seen->value[0]++;
                if (S_ISDIR(st.st_mode) && !is_attached(mount_of(entry->d_name)))
                        seen->value[1]++;
        }
        return 0;
}

/* The control is a folder that was opened outside. */
TEST(detached_mount_is_never_handed_on)
{
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init(&fixture);
        fixture_run(&fixture, find_detached);
        ck_assert_int_ge(fixture.seen->value[0], 3);
        ck_assert_int_eq(fixture.seen->value[1], 0);
        assert_ok(plan_keep_fd(fixture.plan, fixture.work_fd));
        fixture_run(&fixture, find_detached);
        ck_assert_int_eq(fixture.seen->value[1], 1);
}
