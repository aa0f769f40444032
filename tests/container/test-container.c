/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The container as the conductor sees it: ids, mounts, what is locked, what is absent, its end. */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/capability.h"
#include "container/mount.h"
#include "tests/container/fixture.h"

static int try_read(const char *path, char *text, size_t size) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = read(fd, text, size - 1);
        if (n < 0)
                return -errno;
        text[n] = '\0';
        return 0;
}

static int look_around(void *userdata) {
        Seen *seen = userdata;
        struct stat st;

        seen->value[0] = (int) getuid();
        seen->value[1] = getpid();
        if (gethostname(seen->text[0], sizeof(seen->text[0])) < 0)
                return -errno;
        seen->value[2] = try_read("/image/part/1/etc/hello", seen->text[1], sizeof(seen->text[1]));
        if (stat("/image/part/1/etc/secret", &st) < 0)
                return -errno;
        seen->value[3] = (int) st.st_uid;
        seen->value[4] = try_read("/image/part/1/etc/secret", seen->text[2], sizeof(seen->text[2]));
        if (stat("/image/disk", &st) < 0 || st.st_uid != 0)
                return -EIO;
        seen->value[5] = (int) (st.st_size / 1024 / 1024);
        seen->value[6] = access("/bin/sh", X_OK) < 0 ? -errno : 0;
        seen->value[7] = access("/sys/kernel", F_OK) < 0 ? -errno : 0;
        seen->value[8] = open("/etc/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0644) < 0 ? -errno : 0;
        seen->value[9] = open("/usr/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0644) < 0 ? -errno : 0;
        seen->value[10] = try_read("/etc/shadow", seen->text[3], sizeof(seen->text[3]));
        return 0;
}

TEST(defect_23_conductor_is_root_of_its_ids_only)
{
        _cleanup_fixture_ Fixture fixture = {};
        Seen *seen;

        fixture_init(&fixture);
        assert_ok(plan_set_hostname(fixture.plan, "builder"));
        fixture_run(&fixture, look_around);
        seen = fixture.seen;
        ck_assert_int_eq(seen->value[0], 0);
        ck_assert_int_eq(seen->value[1], 2);
        ck_assert_str_eq(seen->text[0], "builder");
        ck_assert_int_eq(seen->value[2], 0);
        ck_assert_str_eq(seen->text[1], "hello\n");
        ck_assert_int_eq(seen->value[3], 33);
        ck_assert_int_eq(seen->value[4], 0);
        ck_assert_str_eq(seen->text[2], "secret\n");
        ck_assert_int_eq(seen->value[5], 17);
        ck_assert_int_eq(seen->value[6], 0);
        ck_assert_int_eq(seen->value[7], -ENOENT);
        ck_assert_int_eq(seen->value[8], -EROFS);
        ck_assert_int_eq(seen->value[9], -EROFS);
        ck_assert_int_eq(seen->value[10], -ENOENT);
}

static int write_files(void *userdata) {
        Seen *seen = userdata;
        Failure failure = {};
        int fd, r;

        r = fixture_mount_tree(&failure);
        if (r < 0) {
                (void) snprintf(seen->text[15], sizeof(seen->text[15]), "%.255s", failure.message);
                return r;
        }
        fd = open("/work/tree/etc/hello", O_WRONLY | O_TRUNC | O_CLOEXEC);
        if (fd < 0 || write(fd, "changed\n", 8) != 8)
                return -errno;
        if (chown("/work/tree/etc/hello", 7, 8) < 0)
                return -errno;
        fd = open("/out/result", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
        if (fd < 0)
                return -errno;
        seen->value[0] = open("/image/part/1/etc/hello", O_WRONLY | O_CLOEXEC) < 0 ? -errno : 0;
        seen->value[1] = open("/image/disk", O_WRONLY | O_CLOEXEC) < 0 ? -errno : 0;
        seen->value[2] = open("/image/part/1/node", O_RDONLY | O_CLOEXEC) < 0 ? -errno : 0;
        seen->value[3] = open("/work/tree/node", O_RDONLY | O_CLOEXEC) < 0 ? -errno : 0;
        return try_read("/image/part/1/etc/hello", seen->text[0], sizeof(seen->text[0]));
}

TEST(writes_go_to_the_overlay_with_ids_as_on_disk)
{
        _cleanup_fixture_ Fixture fixture = {};
        struct stat st;

        fixture_init(&fixture);
        fixture_run(&fixture, write_files);
        ck_assert_str_eq(fixture.seen->text[0], "hello\n");
        ck_assert_int_eq(fixture.seen->value[0], -EROFS);
        ck_assert_int_eq(fixture.seen->value[1], -EROFS);
        ck_assert_int_eq(fixture.seen->value[2], -EACCES);
        ck_assert_int_eq(fixture.seen->value[3], -EACCES);
        ck_assert_int_eq(fstatat(fixture.folder_fd, "work/upper/etc/hello", &st, 0), 0);
        ck_assert_uint_eq(st.st_uid, 7);
        ck_assert_uint_eq(st.st_gid, 8);
        ck_assert_int_eq(fstatat(fixture.folder_fd, "out/result", &st, 0), 0);
        ck_assert_uint_eq(st.st_uid, 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0640);
}

/* Taking a flag off by the old call and by the new one. */
static int loosen(const char *path, unsigned long flag, uint64_t attribute) {
        struct mount_attr attr = { .attr_clr = attribute };

        if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flag, NULL) == 0)
                return 0;
        return mount_setattr(AT_FDCWD, path, 0, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

static int break_locks(void *userdata) {
        Seen *seen = userdata;

        seen->value[0] = loosen("/image/part/1", MS_RDONLY | MS_NOSUID, MOUNT_ATTR_NODEV);
        seen->value[1] = loosen("/image/part/1", MS_NODEV | MS_NOSUID, MOUNT_ATTR_RDONLY);
        seen->value[2] = loosen("/work", MS_NODEV, MOUNT_ATTR_NOSUID);
        seen->value[3] = loosen("/", MS_NODEV | MS_NOSUID, MOUNT_ATTR_RDONLY);
        seen->value[4] = umount2("/proc/keys", MNT_DETACH) < 0 ? -errno : 0;
        seen->value[5] = umount2("/image/part/1", MNT_DETACH) < 0 ? -errno : 0;
        seen->value[6] = mount("/dev/loop0", "/tmp", "ext4", MS_RDONLY, NULL) < 0 ? -errno : 0;
        seen->value[7] = unshare(CLONE_NEWUSER) < 0 ? -errno : 0;
        seen->value[8] = prctl(PR_CAPBSET_READ, CAP_SYS_MODULE, 0, 0, 0);
        seen->value[9] = prctl(PR_CAPBSET_READ, CAP_NET_ADMIN, 0, 0, 0);
        seen->value[10] = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
        seen->value[11] = kill(1, SIGKILL) < 0 ? -errno : 0;
        seen->value[12] = access("/proc/1/root/etc", F_OK) < 0 ? -errno : 0;
        seen->value[13] = fixture_confinement("/proc/1/status");
        return 0;
}

TEST(mounts_are_locked_and_privileges_bounded)
{
        _cleanup_fixture_ Fixture fixture = {};
        Seen *seen;

        fixture_init(&fixture);
        seen = fixture.seen;
        fixture_run(&fixture, break_locks);
        for (unsigned i = 0; i < 4; i++)
                ck_assert_msg(seen->value[i] == -EPERM, "row %u: %d", i, seen->value[i]);
        ck_assert_int_eq(seen->value[4], -EINVAL);
        ck_assert_int_eq(seen->value[5], -EINVAL);
        ck_assert_int_lt(seen->value[6], 0);
        ck_assert_int_eq(seen->value[7], -EPERM);
        ck_assert_int_eq(seen->value[8], 0);
        ck_assert_int_eq(seen->value[9], 0);
        ck_assert_int_eq(seen->value[10], 1);
        ck_assert_int_eq(seen->value[12], -EACCES);
        /* init: no capability, and no filter, as it runs nothing that is not ours. */
        ck_assert_int_eq(seen->value[13], 0);
}

static int return_error(void *userdata _unused_) {
        return -ENOSPC;
}

static int die(void *userdata _unused_) {
        (void) signal(SIGSEGV, SIG_DFL);
        (void) kill(getpid(), SIGSEGV);
        return 0;
}

static int wait_forever(void *userdata _unused_) {
        while (pause() < 0)
                continue;
        return 0;
}

TEST(end_is_told)
{
        _cleanup_fixture_ Fixture fixture = {};
        Failure failure = {};
        ContainerExit ended;

        fixture_init(&fixture);
        assert_ok(container_run(fixture.plan, -EBADF, return_error, NULL, &ended, &failure));
        ck_assert_int_eq(ended.end, CONTAINER_RETURNED);
        ck_assert_int_eq(ended.error, -ENOSPC);
        assert_ok(container_run(fixture.plan, -EBADF, die, NULL, &ended, &failure));
        ck_assert_int_eq(ended.end, CONTAINER_KILLED);
        ck_assert_int_eq(ended.signal, SIGSEGV);
        ck_assert_uint_eq(fixture_settle(&fixture), 0);
}

TEST(lifeline_ends_it)
{
        _cleanup_fixture_ Fixture fixture = {};
        Failure failure = {};
        ContainerExit ended;
        int ends[2];
        pid_t pid;

        fixture_init(&fixture);
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        pid = fork();
        if (pid == 0) {
                (void) usleep(300000);
                _exit(0);
        }
        (void) close(ends[1]);
        assert_ok(container_run(fixture.plan, ends[0], wait_forever, NULL, &ended, &failure));
        ck_assert_int_eq(ended.end, CONTAINER_CANCELLED);
        ck_assert_uint_eq(fixture_settle(&fixture), 0);
        (void) waitpid(pid, NULL, 0);
}

TEST(failure_names_the_place)
{
        _cleanup_fixture_ Fixture fixture = {};
        PlanPartition partition = { .target = "/image/part/2", .size_bytes = 1024 * 1024 };
        Failure failure = {};
        ContainerExit ended;

        fixture_init(&fixture);
        partition.image_fd = fixture.image_fd;
        partition.fstype = "ntfs";
        assert_errno(plan_add_partition(fixture.plan, &partition, &failure), -EOPNOTSUPP);
        assert_failure(&failure, "ntfs");
        partition.fstype = "ext4";
        assert_ok(plan_add_partition(fixture.plan, &partition, &failure));
        assert_errno(container_run(fixture.plan, -EBADF, return_error, NULL, &ended, &failure),
                     -EINVAL);
        assert_failure(&failure, "ext4 file system at byte 0");
        ck_assert_uint_eq(fixture_settle(&fixture), 0);
}
